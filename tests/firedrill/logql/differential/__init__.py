"""LogQL asked of real Loki 3.6.15 and of this engine, over the same lines: equal labels, values and errors.

`lines` makes the data from a seed, `questions` what is asked, `asking` asks either side, `table` keeps what Loki
answered beside the tests, `known` lists what may differ and why. Run the package with --record to ask Loki again.
"""
