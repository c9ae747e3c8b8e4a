"""LogQL: parsed, checked and compiled to DuckDB SQL. Pure: text in, text and values out.

Of Loki 3.6's LogQL this answers stream selectors, line filters, `json`, label filters on text and
numbers, `unwrap`; count, rate, sum, min, max, avg, last, quantile and absent over time, `offset`;
sum, min, max, avg, count by and without; arithmetic, comparisons, and, or, unless with on and
ignoring; `vector`. Anything else is refused as not implemented, with its place.

Known to differ: __error_details__ is not set, and a double quote in a JSON key is dropped from the
label's name where Loki writes `_`.
"""
