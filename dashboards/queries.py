"""LogQL over the bot's events, as panels ask it: which lines, which fields, counted or measured.

`$__auto` is the distance of two points in a chart and the whole time asked for in a number, so a chart loses no line
between two points and a number counts them all.
"""

from __future__ import annotations

AUTO = "$__auto"
FILTERED = ("market", "venue")
"""Fields that a variable of the same name filters; `host` filters all lines, by their label."""


def selector(*actions: str, level: str = "") -> str:
    """Lines of these actions (none: all) on the chosen hosts."""
    parts = ['job="bot"', 'host=~"$host"']
    if actions:
        parts.append(f'action="{actions[0]}"' if len(actions) == 1 else f'action=~"{"|".join(actions)}"')
    if level:
        parts.append(f'level=~"{level}"' if "|" in level else f'level="{level}"')
    return f"{{{', '.join(parts)}}}"


def lines(*actions: str, fields: str = "", where: str = "", level: str = "") -> str:
    """Lines with fields as labels (`fields` is "market, code"), those of the chosen markets and venues, and `where`."""
    names = [name for name in fields.split(", ") if name]
    text = selector(*actions, level=level)
    if names:
        text += " | json " + ", ".join(f'{name}="{name}"' for name in names) + ' | __error__=""'
    for name in FILTERED:
        if name in names:
            text += f' | {name}=~"${name}"'
    return text + (f' | {where} | __error__=""' if where else "")


def count(asked: str, by: str = "", window: str = AUTO) -> str:
    """How many lines there are, by labels or fields."""
    return f"sum{_by(by)} (count_over_time({asked} [{window}]))"


def over(statistic: str, asked: str, field: str, by: str = "", window: str = AUTO) -> str:
    """A statistic of a field: `max`, `last`, `quantile 0.95`. `asked` must name the field; lines without it pass."""
    name, _, argument = statistic.partition(" ")
    values = f'{asked} | {field}!="" | unwrap {field} | __error__=""'
    return f"{name}_over_time({argument}{', ' if argument else ''}{values} [{window}]) by ({by})"


def total(asked: str, field: str, by: str = "", window: str = AUTO) -> str:
    """The sum of a field."""
    return f'sum{_by(by)} (sum_over_time({asked} | {field}!="" | unwrap {field} | __error__="" [{window}]))'


def or_zero(query: str, label: str = "", name: str = "none") -> str:
    """Zero where nothing of the kind happened, which is the good news and not a hole; called `name` in a legend."""
    if not label:
        return f"{query} or vector(0)"
    return f'{query} or on() label_replace(vector(0), "{label}", "{name}", "", "")'


def _by(by: str) -> str:
    return f" by ({by})" if by else ""
