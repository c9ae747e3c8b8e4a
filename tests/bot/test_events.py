"""What people's filters over the log rely on: the words of actions and the one meaning of `age_s`."""

from __future__ import annotations

import re

from bot.events import ALL, fields

EXITS = {"tp_exit", "sweet_spot_exit", "hard_cap_exit"}


def test_the_words_that_people_filter_by_stand_in_no_other_action() -> None:
    assert {action for action in ALL if "exit" in action} == EXITS
    shown = {action for action in ALL if re.search("exit|trim|cb_", action)}
    assert shown == {*EXITS, "mae_trim", "cb_soft", "cb_hard"}


def test_only_what_ends_a_position_has_an_age() -> None:
    assert {action for action in ALL if "age_s" in fields(action)} == {*EXITS, "mae_trim"}
