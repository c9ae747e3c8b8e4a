"""LogQL of Loki 3.6: parsed, checked and compiled to DuckDB SQL. Pure: text in, text and values out.

All selectors, line filters (|> !> and ip() too), parsers, formats, keep, drop, label filters with
numbers, units and addresses, unwrap with its conversions; all range and vector aggregations,
label_replace, offset, binary operators with on, ignoring, group_left and group_right, vector.
A differential test holds some thousand questions to what real Loki 3.6.15 answers, and these lists to the truth.

Not supported, and refused with line, column and reason:

- a range of no length
- a wrong template in a count of lines, which Loki never looks at
- addresses of version 6 in ip()
- keywords in capitals
- label names that start with a digit
- numbers in hexadecimal
- template calls with a pattern that is no constant, Replace with a count, comparisons of two kinds, an empty pipe
- template functions beyond texts and numbers (dates, JSON, URLs, base64 back, indent, title, html)
- variables, range, with, define and the bare dot of templates
- verbs of printf other than s, d, f, e, v, or of another kind than their value

Answered, but not as Loki does:

- Loki drops lines by a filter on a label that label_format has replaced
- Loki reads -0.0 as a duration and 0B as no number
- a number with spaces around it or too large for a float is taken, as " 5" and "1e400"
- a quote or backslash in a JSON key is no part of the label name
- an address of version 4 inside one of version 6 (::ffff:10.0.0.1) is found by itself here
- an empty label and an absent one are one group; Loki keeps them apart
- an error set after __error__ was asked to be empty
- broken logfmt (stray quotes and equals signs) is read otherwise
- decolorize takes more escapes of terminals out
- grouping by __error__ lets errors of a filter through here
- int, bytes and round of a template of what is no number: Loki stops with an error or rounds otherwise
- label filters with several patterns are anchored here; Loki looks for the literals anywhere
- malformed JSON is an error as a whole; Loki keeps the fields before the fault and passes over some faults
- nested JSON whose names collide, and arrays with escapes, read otherwise
- refused by both sides, here as a mistake of the query at its place rather than of the pattern or its data
- the last digits of sums over series and of powers: Loki adds series in the order of a hash table
- trunc and substr of a template count characters, where Loki counts bytes and fails out of bounds

Beyond those: __error_details__ has words of our own, a scalar has the time asked for (Loki prints a wrong one),
what Loki answers with HTTP 500 (series that cannot be paired) is refused as a mistake of the query, and approx_topk
is exact.
"""
