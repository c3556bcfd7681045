"""Messages between instances and servers: late, out of order, lost, and never recalled."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.simulation.loop import SimulatedLoop


@dataclass(slots=True)
class Weather:
    """How one kind of message travels. Times in seconds; chances from 0 to 1."""

    usual: float = 0.001
    slow: float = 0.05
    slow_chance: float = 0.0
    loss_chance: float = 0.0


class Network:
    """Carries messages for the world, so that they arrive even when their sender is dead."""

    def __init__(self, loop: SimulatedLoop, random: Random) -> None:
        self.loop = loop
        self.random = random.random
        self._world = loop.world()

    def delay(self, weather: Weather) -> float:
        random = self.random
        longest = weather.slow if random() < weather.slow_chance else weather.usual
        return random() * longest

    def lost(self, weather: Weather) -> bool:
        return weather.loss_chance > 0 and self.random() < weather.loss_chance

    def send(self, seconds: float, deliver: Callable[[], None]) -> None:
        self.loop.call_later(seconds, deliver, context=self._world)

    def settle(self, seconds: float, reply: asyncio.Future[Any], result: object) -> None:
        """Deliver an answer to whoever still waits for it."""

        def deliver() -> None:
            if reply.done():
                return
            if isinstance(result, Exception):
                reply.set_exception(result)
            else:
                reply.set_result(result)

        self.send(seconds, deliver)
