"""SQL macros that compiled LogQL calls: the small exact forms of Go and Loki that DuckDB lacks.

`MACROS` are run once on a connection before anything compiled is asked on it. A macro whose input
makes no sense gives NULL, never an error.
"""

from __future__ import annotations

from firedrill.logql.text import UNITS

_NUMBER = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_GO_UNITS = ("ns", "us", "µs", "ms", "s", "m", "h")
_DURATION = f"({_NUMBER}(ns|us|µs|ms|s|m|h))"
_NANOSECONDS = " ".join(f"WHEN '{unit}' THEN {UNITS[unit]}" for unit in _GO_UNITS)
_BYTES = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_MULTIPLES = " ".join(
    f"WHEN '{letter}{suffix}' THEN {base**power}::DOUBLE"
    for letter, power in _BYTES.items()
    for suffix, base in (("", 1000), ("b", 1000), ("i", 1024), ("ib", 1024))
    if letter or suffix in ("", "b")
)
_ANSI = "|".join(
    (
        r"(?:\x{1B}\[|\x{9B})[0-?]*[ -/]*[@-~]",  # control sequences, colours among them
        r"\x{1B}\][^\x{07}\x{1B}]*(?:\x{07}|\x{1B}\x{5C})",  # commands to the terminal, such as its title
        r"\x{1B}[ -/]*[0-Z\x{5E}-~]",  # the short escapes
    )
)
"""What a terminal does not show, by ECMA-48."""

MACROS = (
    # Text of a double as Go's %v prints it: with an exponent below 1e-4 and from 1e6 on. A lambda binds
    # its value once: a macro alone would repeat the whole expression behind x wherever x stands.
    """CREATE MACRO logql_float(x) AS list_transform([x], lambda f: CASE
        WHEN isnan(f) THEN 'NaN' WHEN isinf(f) THEN CASE WHEN f > 0 THEN '+Inf' ELSE '-Inf' END
        WHEN contains(f::VARCHAR, 'e') THEN f::VARCHAR
        WHEN abs(f) >= 1e6 THEN CASE WHEN f < 0 THEN '-' ELSE '' END
            || regexp_replace(regexp_replace(replace(abs(f)::VARCHAR, '.', ''), '^(.)', '\\1.'), '\\.?0*$', '')
            || 'e+' || lpad((length(split_part(abs(f)::VARCHAR, '.', 1)) - 1)::VARCHAR, 2, '0')
        ELSE regexp_replace(f::VARCHAR, '\\.0$', '') END)[1]""",
    "CREATE MACRO logql_number(t) AS coalesce(TRY_CAST(t AS DOUBLE), 0::DOUBLE)",
    r"""CREATE MACRO logql_int(t) AS
        coalesce(TRY_CAST(regexp_extract(t, '^([-+]?[0-9]+)(\.0*)?$', 1) AS BIGINT), 0)""",
    # Decimal arithmetic: exact where the numbers have at most 18 (products and quotients: 9) decimals.
    "CREATE MACRO logql_exact(x, d) AS d::VARCHAR::DOUBLE = x",
    "CREATE MACRO logql_wide(x) AS TRY_CAST(x::VARCHAR AS DECIMAL(36, 18))",
    "CREATE MACRO logql_slim(x) AS TRY_CAST(x::VARCHAR AS DECIMAL(19, 9))",
    """CREATE MACRO logql_add(a, b) AS list_transform([{'a': a, 'b': b}], lambda g: CASE
        WHEN logql_exact(g.a, logql_wide(g.a)) AND logql_exact(g.b, logql_wide(g.b))
        THEN (logql_wide(g.a) + logql_wide(g.b))::VARCHAR::DOUBLE ELSE g.a + g.b END)[1]""",
    "CREATE MACRO logql_sub(a, b) AS logql_add(a, -(b))",
    """CREATE MACRO logql_mul(a, b) AS list_transform([{'a': a, 'b': b}], lambda g: CASE
        WHEN logql_exact(g.a, logql_slim(g.a)) AND logql_exact(g.b, logql_slim(g.b))
        THEN (logql_slim(g.a) * logql_slim(g.b))::VARCHAR::DOUBLE ELSE g.a * g.b END)[1]""",
    "CREATE MACRO logql_units(x) AS (logql_slim(x)::DECIMAL(29, 9) * 1000000000)::HUGEINT",
    "CREATE MACRO logql_quotient(a, b) AS CASE WHEN b = 0 THEN NULL ELSE a // b END",
    "CREATE MACRO logql_rest(a, b) AS CASE WHEN b = 0 THEN NULL ELSE a % b END",
    # Rounded half away from zero at 16 decimals; by zero is an error of the template, here NULL.
    """CREATE MACRO logql_div(a, b) AS list_transform([{'a': a, 'b': b}], lambda g: CASE WHEN g.b = 0 THEN NULL
        WHEN logql_exact(g.a, logql_slim(g.a)) AND logql_exact(g.b, logql_slim(g.b)) THEN
            ((sign(g.a) * sign(g.b))::HUGEINT
             * ((abs(logql_units(g.a)) * 20000000000000000::HUGEINT + abs(logql_units(g.b)))
                // (2 * abs(logql_units(g.b)))) || 'e-16')::DOUBLE
        ELSE g.a / g.b END)[1]""",
    """CREATE MACRO logql_round(x, places) AS list_transform([{'x': x, 'p': places}], lambda g: CASE
        WHEN g.x * pow(10, g.p) - trunc(g.x * pow(10, g.p)) >= 0.5
        THEN ceil(g.x * pow(10, g.p)) / pow(10, g.p) ELSE floor(g.x * pow(10, g.p)) / pow(10, g.p) END)[1]""",
    # Welford's variance, sample by sample, as Loki adds it up.
    """CREATE MACRO logql_variance(vs) AS list_reduce(
        list_transform(vs, lambda v: {'n': 1::DOUBLE, 'mean': v, 'aux': 0::DOUBLE}),
        lambda a, x: {'n': a.n + 1, 'mean': a.mean + (x.mean - a.mean) / (a.n + 1),
            'aux': a.aux + (x.mean - a.mean) * (x.mean - (a.mean + (x.mean - a.mean) / (a.n + 1)))}
        ).aux / length(vs)""",
    # The rise of a counter with its resets, stretched as Loki stretches it: its times are nanoseconds
    # but its range is milliseconds, so the window's start hardly counts. By the second outside.
    """CREATE MACRO logql_increase(vs) AS list_reduce(
        list_transform(vs, lambda v: {'rise': vs[-1] - vs[1], 'last': v}),
        lambda a, x: {'rise': a.rise + CASE WHEN x.last < a.last THEN a.last ELSE 0 END, 'last': x.last}).rise""",
    """CREATE MACRO logql_to_start(vs, sampled, milliseconds) AS CASE
        WHEN logql_increase(vs) > 0 AND vs[1] >= 0
        THEN least(sampled * (vs[1] / logql_increase(vs)), milliseconds / 1000.0::DOUBLE)
        ELSE milliseconds / 1000.0::DOUBLE END""",
    """CREATE MACRO logql_stretched(vs, sampled, milliseconds) AS sampled + CASE
        WHEN logql_to_start(vs, sampled, milliseconds) < sampled / (length(vs) - 1) * 1.1
        THEN logql_to_start(vs, sampled, milliseconds) ELSE sampled / (length(vs) - 1) / 2 END""",
    """CREATE MACRO logql_rate_counter(vs, first, last, milliseconds) AS CASE
        WHEN length(vs) < 2 THEN 0::DOUBLE WHEN first = last THEN 'NaN'::DOUBLE
        ELSE logql_increase(vs) * (logql_stretched(vs, (last - first) / 1000.0::DOUBLE, milliseconds)
            / ((last - first) / 1000.0::DOUBLE)) END""",
    # Seconds of a Go duration such as 1m30s or -5ms.
    f"""CREATE MACRO logql_nanoseconds(t) AS list_sum(list_transform(
        list_zip(regexp_extract_all(t, '{_DURATION}', 2), regexp_extract_all(t, '{_DURATION}', 3)),
        lambda p: trunc(TRY_CAST(p[1] AS DECIMAL(20, 9)) * CASE p[2] {_NANOSECONDS} END)))::BIGINT""",
    f"""CREATE MACRO logql_duration(t) AS CASE
        WHEN regexp_full_match(t, '[-+]?0') THEN 0::DOUBLE
        WHEN regexp_full_match(t, '[-+]?{_DURATION}+') THEN
            CASE WHEN left(t, 1) = '-' THEN -1 ELSE 1 END
            * ((logql_nanoseconds(t) // 1000000000)::DOUBLE + (logql_nanoseconds(t) % 1000000000)::DOUBLE / 1e9)
        END""",
    # Bytes of 20MB (decimal), 4KiB (binary) or 123.
    rf"""CREATE MACRO logql_bytes(t) AS trunc(
        TRY_CAST(replace(regexp_extract(t, '^([0-9.,]+)\s*[A-Za-z]*$', 1), ',', '') AS DOUBLE)
        * CASE lower(regexp_extract(t, '^[0-9.,]+\s*([A-Za-z]*)$', 1)) {_MULTIPLES} END)""",
    f"CREATE MACRO logql_decolorize(t) AS regexp_replace(t, '{_ANSI}', '', 'g')",
    # The number of an IPv4 address, NULL for anything else.
    r"""CREATE MACRO logql_ipv4(t) AS CASE
        WHEN regexp_full_match(t, '((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\.|$)){4}') AND NOT suffix(t, '.')
        THEN split_part(t, '.', 1)::BIGINT * 16777216 + split_part(t, '.', 2)::BIGINT * 65536
             + split_part(t, '.', 3)::BIGINT * 256 + split_part(t, '.', 4)::BIGINT END""",
    # Entries {k, v} with each k once, the first of them.
    """CREATE MACRO logql_first_of_each(entries) AS list_reduce(
        list_transform(entries, lambda e: [e]),
        lambda kept, e: CASE WHEN list_contains(list_transform(kept, lambda x: x.k), e[1].k)
            THEN kept ELSE list_concat(kept, e) END,
        entries[:0])""",
)
