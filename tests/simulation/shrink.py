"""Cuts a plan that breaks the promise down to the actions that it takes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.simulation.campaign import broken_by
from tests.simulation.plan import Plan

LUCKS: Final = 30
"""Other orders of the same plan that are tried before an action is held for needed."""


def shrunk(plan: Plan) -> tuple[Plan, int]:
    """A smallest plan that still breaks the promise, and the luck that it takes."""
    luck = 0
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(plan):
            found = next((n for n in range(LUCKS) if broken_by(candidate, n)), None)
            if found is not None:
                plan, luck, smaller = candidate, found, True
                break
    return plan, luck


def _smaller(plan: Plan) -> Iterator[Plan]:
    """The plan without one action, or without one of the reads that follow a write."""
    for index, action in enumerate(plan.actions):
        before, after = plan.actions[:index], plan.actions[index + 1 :]
        yield replace(plan, actions=before + after)
        for number in range(len(action.then)):
            then = action.then[:number] + action.then[number + 1 :]
            yield replace(plan, actions=(*before, replace(action, then=then), *after))
