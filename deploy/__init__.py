"""Turns bare Debian hosts into what the repository says. Start reading at `deploy.py` in the root.

Pure: `service` (the vocabulary), `settings` (what one host is told), `services` (what each wants), `host_state` (what
a host is now) and `plan` (the difference). `programs` brings what Debian lacks, `releases` builds the bot, `on_host`
holds what runs there. Only `apply`, `operations` and `uninstall` touch a host.
"""
