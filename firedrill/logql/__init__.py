"""LogQL of Loki 3.6: parsed, checked and compiled to DuckDB SQL. Pure: text in, text and values out.

All selectors, line filters (|> !> and ip() too), parsers, formats, keep, drop, label filters with
numbers, units and addresses, unwrap with its conversions; all range and vector aggregations,
label_replace, offset, binary operators with on, ignoring, group_left and group_right, vector.

Known to differ: __error_details__ is not set; a double quote in a JSON key is dropped from the
label's name where Loki writes `_`; a capture of `pattern` that is empty is no label; approx_topk
is exact, where Loki's sketch may be wrong; of the template functions those that need a date, a
URL or JSON inside, and of Go's templates variables, range, with and define, are refused by name;
so are addresses of version 6.
"""
