"""Several questions to one store at one time, at once: while one waits for the disk or a server, another works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

from firedrill.store.store import Scalar, Series, Store

AT_ONCE = 4
Answers = dict[str, tuple[Series, ...]]


def ask(
    store: Store, queries: Mapping[str, str], at: int, told: Callable[[int, int], None] = lambda _done, _all: None
) -> Answers:
    """The series of each query by its name; `told` hears how many of how many are answered.

    QueryError, StoreError: as the store says; the first failure ends the rest that has not begun.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {pool.submit(store.instant, query, at): name for name, query in queries.items()}
        answers: Answers = {}
        try:
            for future in as_completed(asked):
                answer = future.result()
                assert not isinstance(answer, Scalar), f"{asked[future]} has no series"
                answers[asked[future]] = answer.series
                told(len(answers), len(asked))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return answers
