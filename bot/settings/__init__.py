"""Every setting: its name in the env file, its default, what it may be, and whether it may change while running.

One file in systemd's EnvironmentFile syntax (a subset: KEY=value, whole-line comments, quotes) is parsed once,
here, into Params that stand beside the code they govern. All reasons for a refusal are given at once. `table` lists
the settings, `values` is what they come to, `together` what no single one can see, `file` reads and reads again.
Only `bot.app` and `bot.__main__` import this.
"""

from __future__ import annotations

from bot.settings.file import Reread, read, read_file, reread_file
from bot.settings.table import BY_MARKET, TABLE, Setting, show
from bot.settings.values import Settings

__all__ = ["BY_MARKET", "TABLE", "Reread", "Setting", "Settings", "read", "read_file", "reread_file", "show"]
