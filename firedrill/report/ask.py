"""Several questions to one store, at once: while one waits for the disk or a server, another works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

from firedrill.store.store import Matrix, Scalar, Series, Store, Vector

AT_ONCE = 4
Answers = dict[str, tuple[Series, ...]]
Told = Callable[[int, int], None]


def _unheard(_done: int, _all: int) -> None:
    pass


def ask(store: Store, queries: Mapping[str, str], at: int, told: Told = _unheard) -> Answers:
    """The series of each query at one time, by its name; `told` hears how many of how many are answered.

    QueryError, StoreError: as the store says; the first failure ends the rest that has not begun.
    """
    return _at_once(lambda query: store.instant(query, at), queries, told)


def ask_over(
    store: Store, queries: Mapping[str, str], start: int, end: int, step: int, told: Told = _unheard
) -> Answers:
    """The same over a range of times, in nanoseconds."""
    return _at_once(lambda query: store.range(query, start, end, step), queries, told)


def _at_once(answer: Callable[[str], Scalar | Vector | Matrix], queries: Mapping[str, str], told: Told) -> Answers:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {pool.submit(answer, query): name for name, query in queries.items()}
        answers: Answers = {}
        try:
            for future in as_completed(asked):
                found = future.result()
                assert not isinstance(found, Scalar), f"{asked[future]} has no series"
                answers[asked[future]] = found.series
                told(len(answers), len(asked))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return answers
