"""How a task is measured: what callers see, and the processor time that it takes."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

from benchmarks import wrk
from benchmarks.contenders import ALL, Contender
from benchmarks.cpu import cpu_seconds
from benchmarks.load import Load, load_of
from benchmarks.results import Measured
from benchmarks.single_caller import Caller, reads, record

WRITTEN = "/features/custom?arg=Dance"
"""The list that the benchmark writes to."""

type Headers = Mapping[str, str]


def stream(
    contender: Contender,
    path: str,
    headers: Headers,
    clients: int,
    seconds: int,
    *,
    is_alone: bool = True,
) -> Measured:
    """Load it by wrk. The few answers that are cut at the end are in the processor time.

    If it is not alone, the server also does other work, whose end is not awaited.
    """
    url = contender.server.url + path
    return _measured(
        contender, lambda: wrk.run(url, clients, seconds, headers), awaits_end=is_alone
    )


def calls(contender: Contender, path: str, headers: Headers, clients: int, times: int) -> Measured:
    """Let each client make some calls: for answers so slow that wrk would cut many."""
    return _measured(contender, lambda: _calls(contender, path, headers, clients, times))


def _calls(contender: Contender, path: str, headers: Headers, clients: int, times: int) -> Load:
    sizes = []

    def call() -> list[float]:
        with closing(Caller(contender.server.url, headers)) as caller:
            seen = [caller.ms("GET", path) for _ in range(times)]
            sizes.append(caller.length)
            return seen

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as callers:
        seen = [done.result() for done in [callers.submit(call) for _ in range(clients)]]
    return load_of(
        [ms for one in seen for ms in one],
        clients=clients,
        seconds=time.perf_counter() - began,
        size=max(sizes),
    )


def cold(contender: Contender, headers: Headers) -> Measured:
    """Read a list that is in no cache; everything else is warm."""
    reads(contender.server.url, WRITTEN, headers, 1)
    contender.forget()
    contender.server.settle()
    with closing(Caller(contender.server.url, headers)) as caller:  # a kept one may be closed
        return _measured(contender, lambda: load_of([caller.ms("GET", ALL)], size=caller.length))


def writes(contender: Contender, times: int) -> Measured:
    """Write records until each is acknowledged."""
    with closing(Caller(contender.server.url, contender.writer)) as caller:
        return _measured(contender, lambda: load_of([_write(caller) for _ in range(times)]))


def reads_after_writes(contender: Contender, times: int, pause: float = 0) -> Measured:
    """Read a list some seconds after each write to it."""
    with closing(Caller(contender.server.url, contender.writer)) as caller:
        caller.ms("GET", WRITTEN)
        return _one_by_one(contender, caller, times, partial(_write_and_wait, caller, pause))


def reads_after_pauses(contender: Contender, times: int, pause: float) -> Measured:
    """Read a list that does not change, with a pause before each read."""
    with closing(Caller(contender.server.url, contender.writer)) as caller:
        caller.ms("GET", WRITTEN)
        return _one_by_one(contender, caller, times, partial(time.sleep, pause))


def _write(caller: Caller) -> float:
    return caller.ms("POST", "/features/new", record("Dance"))


def _write_and_wait(caller: Caller, pause: float) -> None:
    _write(caller)
    time.sleep(pause)


def _measured(
    contender: Contender, work: Callable[[], Load], *, awaits_end: bool = True
) -> Measured:
    """Measure some work, and what the server does after it until it is idle."""
    server = contender.server.processes()
    before, before_redis = cpu_seconds(server), cpu_seconds(contender.redis)
    load = work()
    if awaits_end:
        contender.server.settle()
    used, used_redis = cpu_seconds(server) - before, cpu_seconds(contender.redis) - before_redis
    return _of_each(load, used, used_redis)


def _one_by_one(
    contender: Contender, caller: Caller, times: int, prepare: Callable[[], None]
) -> Measured:
    """Measure reads alone, without what prepares each of them."""
    parts = (contender.server.processes(), contender.redis)
    used, seen = [0.0, 0.0], []
    for _ in range(times):
        prepare()
        before = [cpu_seconds(processes) for processes in parts]
        seen.append(caller.ms("GET", WRITTEN))
        for part, processes in enumerate(parts):
            used[part] += cpu_seconds(processes) - before[part]
    return _of_each(load_of(seen, size=caller.length), *used)


def _of_each(load: Load, used: float, used_redis: float) -> Measured:
    requests = max(1, load.requests)
    return Measured(load, used * 1000 / requests, used_redis * 1000 / requests)
