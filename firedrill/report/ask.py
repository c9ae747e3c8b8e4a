"""Several questions to one store, at once: over one reading of the logs where that is possible, else side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

from firedrill.logql.sql import Grid
from firedrill.store.embedded import Embedded
from firedrill.store.store import Matrix, Scalar, Series, Store, Vector

AT_ONCE = 4
Answers = dict[str, tuple[Series, ...]]


def ask(store: Store, queries: Mapping[str, str], at: int) -> Answers:
    """The series of each query at one time, by its name.

    QueryError, StoreError: as the store says; the first failure ends the rest that has not begun.
    """
    return _read_once(store, queries, Grid.at(at)) or _at_once(lambda query: store.instant(query, at), queries)


def ask_over(store: Store, queries: Mapping[str, str], start: int, end: int, step: int) -> Answers:
    """The same over a range of times, in nanoseconds."""
    grid = Grid.aligned(start, end, step)
    return _read_once(store, queries, grid) or _at_once(lambda query: store.range(query, start, end, step), queries)


def _read_once(store: Store, queries: Mapping[str, str], grid: Grid) -> Answers | None:
    if not isinstance(store, Embedded):
        return None
    found = store.together([(query, grid) for query in queries.values()])
    return None if found is None else dict(zip(queries, found, strict=True))


def _at_once(answer: Callable[[str], Scalar | Vector | Matrix], queries: Mapping[str, str]) -> Answers:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {pool.submit(answer, query): name for name, query in queries.items()}
        answers: Answers = {}
        try:
            for future in as_completed(asked):
                found = future.result()
                assert not isinstance(found, Scalar), f"{asked[future]} has no series"
                answers[asked[future]] = found.series
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return answers
