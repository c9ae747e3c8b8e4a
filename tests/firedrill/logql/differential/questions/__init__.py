"""What is asked: queries by hand, one a line, and generated ones; and when, over which steps, from which end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from tests.firedrill.logql.differential.lines import NOW, SECONDS, START
from tests.firedrill.logql.differential.questions import aggregations, filters, grammar, parsers, refusals, templates

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """`times`: one time (instant), start, end and step (range), or start, end and limit (logs), in nanoseconds."""

    kind: str
    query: str
    times: tuple[int, ...]
    backward: bool = True

    def key(self) -> str:
        """The question in one line, unlike any other."""
        shown = ",".join(_shown(time) for time in self.times)
        return f"{self.kind}{'' if self.backward else ' forward'} {shown} {self.query}"


_ALL = (START * SECOND, (NOW + 60) * SECOND)
_SPANS = ((*_ALL, 200), (*_ALL, 7), (_ALL[0] + 600 * SECOND, _ALL[0] + 960 * SECOND, 30), (*_ALL, 1))
_GRIDS = (
    (600, 1200, 60),
    (595, 1205, 30),
    (601.5, 1199, 7),
    (0, 1260, 97),
    (900, 900, 1),
    (890.25, 961, 2.5),
    (1150, 1205, 0.5),
)


def _shown(time: int) -> str:
    """Seconds since the first line, or a number that is no time as it is."""
    return f"{(time - START * SECOND) / SECOND:.9g}" if time > START * SECOND // 2 else str(time)


def questions() -> list[Question]:
    """All of them, in an order that stays."""
    found = [*_asked(), *_edges()]
    return list({question.key(): question for question in found}.values())


def _asked() -> Iterator[Question]:
    spans, grids = cycle(_SPANS), cycle(_GRIDS)
    for queries in (filters.LOGS, parsers.LOGS, templates.LOGS, refusals.LOGS):
        for n, query in enumerate(_listed(queries)):
            yield Question("logs", query, (*_ALL, 500))
            if n % 8 == 0:
                yield Question("logs", query, next(spans), backward=n % 2 == 0)
    for queries in (aggregations.METRICS, filters.METRICS, parsers.METRICS, refusals.METRICS):
        for n, query in enumerate(_listed(queries)):
            yield Question("instant", query, (NOW * SECOND,))
            if n % 4 == 0 and "approx_topk" not in query:  # over a range Loki 3.6 never answers that one
                yield _over(next(grids), query)
    for n, query in enumerate(grammar.generated()):
        yield Question("instant", query, (NOW * SECOND,)) if n % 2 else _over(next(grids), query)
    for query in _listed(refusals.INSTANT):
        yield Question("instant", query, (NOW * SECOND,))


def _edges() -> Iterator[Question]:
    """Windows whose ends fall on lines, and a microsecond beside them."""
    for query in _listed(aggregations.EDGES):
        for second in (900, 930, 960, 1020, 1200, 899.999999, 900.000001, 959.9999995):
            yield Question("instant", query, (START * SECOND + round(second * SECOND),))
    for start, end in ((900, 960), (900, 960.000001), (959.999999, 960), (960, 960), (900.000001, 900.000002)):
        times = (START * SECOND + round(start * SECOND), START * SECOND + round(end * SECOND), 100)
        yield Question("logs", '{action="edge"}', times)


def _over(grid: tuple[float, float, float], query: str) -> Question:
    start, end, step = grid
    whole = START * SECOND
    return Question("range", query, (whole + round(start * SECOND), whole + round(end * SECOND), round(step * SECOND)))


def _listed(queries: str) -> list[str]:
    return [line.strip().replace("⏎", "\n") for line in queries.splitlines() if line.strip()]


assert SECONDS == 1200, "the times above are for twenty minutes"
