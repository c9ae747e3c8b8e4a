"""`firedrill run`: reads what hosts should be, looks at what they are, drills their alarms, and says so.

`command` is the way in; `worker` is what happens for one host, in a process of its own; `results` is what it reports.
"""
