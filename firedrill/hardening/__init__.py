"""Do the hardening directives of our units bite? `firedrill hardening` tries what must fail in copies of them.

`acts` says what is tried and which directive forbids it, `judge` what the answers mean, `table` prints them;
`on_host/` is what runs there. Nothing here knows a deploy.
"""
