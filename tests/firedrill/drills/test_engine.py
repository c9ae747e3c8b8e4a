"""The engine: the order of a drill, its budgets, and that a host is restored whatever happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firedrill.drills.drill import STEADY_WITHIN_S
from firedrill.drills.engine import POLL_S, perform
from firedrill.runner.hosts import Output, Unreachable
from firedrill.runner.results import DrillResult, Step

from .fakes import DRILL, SCENE, FakeClock, FakeStage, FakeWitness

ARM, INJECT, RESTORE, DISARM = "systemd-run", "inject", "restore", "systemctl stop"


def _stage(*delays: float | BaseException | None, **values: object) -> FakeStage:
    return FakeStage(FakeWitness(FakeClock(), list(delays)), **values)  # type: ignore[arg-type]


def _perform(stage: FakeStage, steps: list[Step] | None = None, **drill: object) -> DrillResult:
    told: list[Step] = [] if steps is None else steps
    cast = [(replace(DRILL, **drill), SCENE)]  # type: ignore[arg-type]
    (result,) = perform(cast, stage, lambda _drill, step: told.append(step), stage.witness.clock)
    return result


def _two(stage: FakeStage) -> list[DrillResult]:
    """Two drills at the same time."""
    cast = [(DRILL, SCENE), (replace(DRILL, name="other", alert="OtherAlert"), replace(SCENE, id="4567cdef"))]
    return list(perform(cast, stage, lambda _drill, _step: None, stage.witness.clock))


def test_a_green_drill() -> None:
    stage, steps = _stage(4.0, 7.0), []
    result = _perform(stage, steps)
    assert result.ok
    assert (result.seconds_to_alarm, result.seconds_to_recover) == (4.0, 7.0)
    assert stage.verbs == [ARM, INJECT, RESTORE, DISARM]
    assert stage.witness.asked == [("FakeAlert", "firing"), ("FakeAlert", "resolved")]
    assert [of and of.labels for of in stage.witness.of] == [None, "alarm 1"]
    assert [step.at_s for step in steps] == [0.0, 0.0, 4.0, 4.0, 11.0, 11.0]
    assert result.steps == steps


def test_the_way_back_is_armed_with_the_restoration_and_the_whole_budget() -> None:
    stage = _stage(1.0, 1.0)
    _perform(stage)
    armed = stage.scripts[0]
    assert "--unit=firedrill-restore-0123abcd" in armed
    assert f"--on-active={int(DRILL.budget_s)}" in armed
    assert armed.endswith("/bin/sh -c 'restore 0123abcd'")
    assert stage.scripts[-1] == "systemctl stop firedrill-restore-0123abcd.timer"


def test_an_alert_whose_end_is_the_alarm() -> None:
    stage = _stage(4.0, 7.0)
    assert _perform(stage, alarm="resolved").ok
    assert stage.witness.asked == [("FakeAlert", "resolved"), ("FakeAlert", "firing")]
    assert stage.witness.of == [None, None]
    assert set(stage.wanted_firing) == {True}


def test_no_drill_without_a_steady_state() -> None:
    stage = _stage(reasons=["the bot is not ready (503)"])
    result = _perform(stage)
    assert not result.ok
    assert result.found == "not begun: the bot is not ready (503)"
    assert result.seconds_to_alarm is None
    assert stage.scripts == []


def test_an_alarm_that_does_not_come_in_time() -> None:
    stage = _stage(61.0)
    result = _perform(stage)
    assert not result.ok
    assert result.found == "nothing of the kind"
    assert "FakeAlert firing within 60 s" in result.expected
    assert stage.verbs == [ARM, INJECT, RESTORE, DISARM]


def test_an_alarm_that_does_not_end_in_time() -> None:
    result = _perform(_stage(4.0, 91.0))
    assert not result.ok
    assert (result.seconds_to_alarm, result.seconds_to_recover) == (4.0, None)
    assert "FakeAlert resolved within 90 s" in result.expected


def test_a_host_that_takes_a_moment_to_be_steady_again() -> None:
    stage = _stage(4.0, 7.0, reasons=[None, "not ready", "not ready", None])
    assert _perform(stage).ok


def test_an_alarm_that_rings_again_ends_for_good_within_its_budget() -> None:
    again = ["FakeAlert is already firing"] * int(2 * STEADY_WITHIN_S / POLL_S)
    stage = _stage(4.0, 7.0, reasons=[None, *again, None])
    assert _perform(stage).ok


def test_a_host_that_is_never_steady_again() -> None:
    stage = _stage(4.0, 7.0, reasons=[None, "not ready"])
    result = _perform(stage)
    assert not result.ok
    assert result.found == "not ready"
    assert stage.witness.clock.now >= 1000 + 11 + STEADY_WITHIN_S


def _fails(verb: str) -> object:
    return lambda script: Output(1, "", "no such unit") if script.startswith(verb) else Output(0, "", "")


def test_a_way_back_that_cannot_be_armed_stops_the_drill() -> None:
    stage = _stage(answer=_fails(ARM))
    result = _perform(stage)
    assert "arming the way back failed" in result.found
    assert "no such unit" in result.found
    assert stage.verbs == [ARM]


def test_a_fault_that_cannot_be_injected_is_restored() -> None:
    stage = _stage(answer=_fails(INJECT))
    result = _perform(stage)
    assert "injecting the fault failed" in result.found
    assert stage.verbs == [ARM, INJECT, RESTORE, DISARM]


def test_a_restoration_that_fails_leaves_the_timer_armed() -> None:
    stage = _stage(4.0, answer=_fails(RESTORE))
    result = _perform(stage)
    assert not result.ok
    assert "restoring failed" in result.found
    assert "the host undoes the fault by itself" in result.found
    assert stage.verbs == [ARM, INJECT, RESTORE]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("defect")])
def test_what_interrupts_a_drill_is_raised_after_the_restoration(error: BaseException) -> None:
    stage = _stage(error)
    with pytest.raises(type(error)):
        _perform(stage)
    assert stage.verbs == [ARM, INJECT, RESTORE, DISARM]


def test_an_interrupt_is_not_lost_when_the_restoration_fails() -> None:
    stage, steps = _stage(KeyboardInterrupt(), answer=_fails(RESTORE)), []
    with pytest.raises(KeyboardInterrupt):
        _perform(stage, steps)
    assert steps[-1].text.startswith("not restored: restoring failed")


def test_a_connection_lost_in_the_middle() -> None:
    def lost(script: str) -> Output:
        if script.startswith(RESTORE):
            raise Unreachable("desk-1 broke off")
        return Output(0, "", "")

    result = _perform(_stage(Unreachable("desk-1 broke off"), answer=lost))
    assert not result.ok
    assert result.found.startswith("desk-1 broke off; ")
    assert "by itself" in result.found


def test_drills_at_the_same_time_take_as_long_as_the_slowest() -> None:
    stage = _stage(4.0, 20.0, 7.0, 5.0)
    first, second = _two(stage)
    assert (first.name, first.seconds_to_alarm, first.seconds_to_recover) == ("fake", 4.0, 7.0)
    assert (second.name, second.seconds_to_alarm, second.seconds_to_recover) == ("other", 20.0, 5.0)
    assert stage.scripts.index("inject 4567cdef") < stage.scripts.index("restore 0123abcd")
    assert stage.witness.clock.now < 1000 + 4 + 7 + 20 + 5


def test_a_red_drill_does_not_stop_the_one_beside_it() -> None:
    red, green = _two(_stage(None, 59.0, 5.0))
    assert (red.name, red.ok, green.name, green.ok) == ("fake", False, "other", True)


def test_an_interrupt_restores_every_drill_that_is_going_on() -> None:
    stage = _stage(4.0, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        _two(stage)
    assert {"restore 0123abcd", "restore 4567cdef"} <= set(stage.scripts)


def test_whoever_takes_no_more_results_leaves_a_restored_host() -> None:
    stage = _stage(1.0, None, 1.0)
    cast = [(DRILL, SCENE), (replace(DRILL, alert="OtherAlert"), replace(SCENE, id="4567cdef"))]
    results = perform(cast, stage, lambda _drill, _step: None, stage.witness.clock)
    assert next(results).ok
    results.close()
    assert "restore 4567cdef" in stage.scripts


def test_a_witness_that_ended_is_not_waited_for() -> None:
    stage = _stage(None)
    stage.witness.ended = True
    assert _perform(stage).found == "nothing of the kind"
    assert stage.witness.clock.now == 1000
