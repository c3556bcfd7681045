"""What only the product is asked: many callers of a cold list, hits beside fills, memory."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final
from urllib.parse import urlencode

from benchmarks import measures
from benchmarks.cold_reads import FIRST_RECORD, cold_reads, filling, stampede
from benchmarks.contenders import ALL, GZIP, PRODUCT, Contender, Environment, get
from benchmarks.document import ALONE, DURING_FILLS, ONE_COLD, SLOWEST_COLD
from benchmarks.results import Results, Turn
from benchmarks.servers import product
from benchmarks.single_caller import reads
from benchmarks.tasks import GENRE, Plan

STAMPEDE: Final = 64

type Step = tuple[str, Callable[[], None]]


def steps(ours: Contender, plan: Plan, results: Results) -> Iterator[Step]:
    """Yield the name and the work of each step."""
    yield "many callers of a cold list", partial(_stampede, ours, plan, results)
    yield "hits beside fills", partial(_during_fills, ours, plan, results)


def _stampede(ours: Contender, plan: Plan, results: Results) -> None:
    url = ours.server.url
    alone = cold_reads(url, ours.forget, FIRST_RECORD, {}, plan.turns)
    runs = [stampede(url, ours.forget, STAMPEDE) for _ in range(plan.turns)]
    results.note(PRODUCT, ONE_COLD, alone)
    results.note(PRODUCT, SLOWEST_COLD, [max(run.times) for run in runs])
    results.note(PRODUCT, f"fills for {STAMPEDE} callers", [max(run.fills for run in runs)])


def _during_fills(ours: Contender, plan: Plan, results: Results) -> None:
    """Measure a hit on one list, in turns alone and while another list is filled."""
    url = ours.server.url
    load = partial(measures.stream, ours, GENRE, GZIP, 1, plan.seconds)
    get(url + GENRE, GZIP)
    for turn in range(plan.turns):
        results.turns.append(Turn(ALONE, PRODUCT, turn, load()))
        with filling(url, ours.forget) as fills:
            results.turns.append(Turn(DURING_FILLS, PRODUCT, turn, load(is_alone=False)))
        ours.server.settle()
    results.note(PRODUCT, "fill beside a reader", fills)


def peaks(contenders: Mapping[str, Contender], results: Results) -> None:
    """Note the peak memory of each contender."""
    for name, contender in contenders.items():
        results.note(name, "peak MiB", [contender.server.peak_mib()])


def every_list(environment: Environment, results: Results) -> None:
    """Note the memory of a new process that has answered with every list."""
    with product(environment) as server:
        records = json.loads(get(server.url + ALL, {}))
        for genre in sorted({record["genre"] for record in records}):
            reads(server.url, f"/features/custom?{urlencode({'arg': genre})}", GZIP, 2)
        reads(server.url, ALL, GZIP, 2)
        reads(server.url, ALL, {}, 2)
        results.note(PRODUCT, "peak MiB, every list", [server.peak_mib()])
