"""Alarms, rung on purpose: one file per fault, data plus a function.

`drill` says what a drill is, `engine` performs one, `witness` hears the alarm, `stage` is the host it happens on,
`catalogue` lists them all.
"""
