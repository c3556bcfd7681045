"""A clock that stands still until a test moves it."""


class ManualClock:
    def __init__(self, reading: float = 1000.0) -> None:
        self.reading = reading

    def __call__(self) -> float:
        return self.reading

    async def sleep(self, seconds: float) -> None:
        self.reading += seconds
