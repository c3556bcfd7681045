"""Decides by the dependencies whether an activity runs, and the status of the run.

Microsoft Learn, "Errors and Conditional execution": an activity runs when every dependency ended
in one of its conditions. The run succeeds if and only if all leaves did; for a leaf that was
skipped, its parents count instead.
"""

from collections.abc import Iterator, Mapping, Sequence

from tests.adf.rehearsal.outcome import Status

type Dependencies = Mapping[str, Sequence[str]]
type Graph = Mapping[str, Dependencies]
"""For each activity, those that it waits for, with the conditions."""


def in_order(graph: Graph) -> Iterator[str]:
    """Yield each activity after all that it waits for. Raises ValueError on a cycle."""
    done: set[str] = set()
    while len(done) < len(graph):
        ready = [name for name in graph if name not in done and graph[name].keys() <= done]
        if not ready:
            raise ValueError("the activities wait for each other")
        yield from ready
        done |= set(ready)


def runs(dependencies: Dependencies, statuses: Mapping[str, Status]) -> bool:
    """Whether an activity runs; otherwise it is skipped."""
    return all(_meets(statuses[name], conditions) for name, conditions in dependencies.items())


def run_status(graph: Graph, statuses: Mapping[str, Status]) -> Status:
    """Return the status of the run."""
    parents = {name for dependencies in graph.values() for name in dependencies}
    leaves = [name for name in graph if name not in parents]
    counted = [status for leaf in leaves for status in _counted(leaf, graph, statuses)]
    good = all(status is Status.SUCCEEDED for status in counted)
    return Status.SUCCEEDED if good else Status.FAILED


def _meets(status: Status, conditions: Sequence[str]) -> bool:
    completed = "Completed" in conditions and status is not Status.SKIPPED
    return completed or str(status) in conditions


def _counted(name: str, graph: Graph, statuses: Mapping[str, Status]) -> Iterator[Status]:
    if statuses[name] is Status.SKIPPED and graph[name]:
        for parent in graph[name]:
            yield from _counted(parent, graph, statuses)
    else:
        yield statuses[name]
