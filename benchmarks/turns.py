"""Runs tasks in turns, A B A B, so that all contenders see the same machine."""

from collections.abc import Callable, Mapping

from benchmarks.calibration import calibrate
from benchmarks.contenders import Contender, get
from benchmarks.results import Measured, Results, Turn
from benchmarks.tasks import Task


def run_in_turns(
    task: Task,
    contenders: Mapping[str, Contender],
    results: Results,
    tell: Callable[[str], object],
) -> None:
    """Measure a task by those contenders that run, one after the other, in each turn."""
    results.calibrations.append(calibrate(task.name))
    racing = [contenders[name] for name in task.contenders if name in contenders]
    for turn in range(task.turns):
        for contender in racing:
            tell(f"{task.name}: {contender.name}, turn {turn + 1} of {task.turns}")
            results.turns.append(Turn(task.name, contender.name, turn, _measured(task, contender)))


def _measured(task: Task, contender: Contender) -> Measured:
    try:
        if task.warm:
            path, headers = task.warm
            get(contender.server.url + path, headers)
            contender.server.settle()
        return task.measure(contender)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{contender.server.child.output()[-2000:]}") from error
