"""A run on a busy machine is not published, and says why."""

import pytest

from benchmarks.calibration import OUTLIERS, calibrate, noise
from tests.benchmarks.invented_run import calibrations, run

QUIET = (1.0,) * 18
ONE_SPEED = (15.0,) * 18


def test_a_quiet_run_can_be_published() -> None:
    assert noise(calibrations()) == ""
    assert run([])["noise"] == ""


def test_a_run_beside_other_programs_is_too_noisy() -> None:
    """Three of twenty calibrations waited: more than those that are not looked at."""
    busy = calibrations(waiting=(*QUIET[:-1], 1.4, 1.5, 9.0))
    assert noise(busy) == (
        "The run is too noisy to publish: a fixed computation took 1.40 times its processor time "
        "(at most 1.15), so other programs used the machine."
    )


def test_a_run_on_a_machine_whose_speed_changed_is_too_noisy() -> None:
    changed = calibrations(cpu_ms=(*ONE_SPEED[:-1], 21.0, 21.0, 21.0))
    assert noise(changed) == (
        "The run is too noisy to publish: the processor time of a fixed computation changed by a "
        "factor of 1.40 (at most 1.25), so the machine's speed changed."
    )


@pytest.mark.parametrize(
    "brief",
    [
        calibrations(waiting=(*QUIET, 9.0, 9.0)),
        calibrations(cpu_ms=(*ONE_SPEED, 30.0, 30.0)),
    ],
    ids=["waiting", "speed"],
)
def test_a_disturbance_of_few_calibrations_does_not_count(brief: list[object]) -> None:
    """The medians over the turns leave it out, too."""
    assert 2 / len(brief) <= OUTLIERS
    assert noise(brief) == ""  # type: ignore[arg-type]


def test_the_document_of_a_noisy_run_says_so() -> None:
    document = run([], waiting=(2.0,) * 20)
    assert document["noise"].startswith("The run is too noisy to publish: a fixed computation")
    assert len(document["calibrations"]) == 20


def test_a_calibration_takes_no_less_time_than_its_processor_time() -> None:
    one = calibrate("a test")
    assert one.before == "a test"
    assert 0 < one.cpu_ms <= one.wall_ms * 1.01
