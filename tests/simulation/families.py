"""Plans by seed, in families: each leans towards the faults that its name tells."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

from tests.simulation import narrow_families as narrow
from tests.simulation.author import INSTANCES, Author
from tests.simulation.plan import Action, Kind, Plan

type Family = Callable[[Author, Plan], Plan]

_STORE_FAULTS: Final = (
    Kind.STORE,
    Kind.STORE_LINK,
    Kind.STORE_LINK,
    Kind.STORE_LOSS,
    Kind.STORE_SLOW,
    Kind.STORE_WIPE,
    Kind.STORE_WIPE,
    Kind.STORE_RESTART,
    Kind.STORE_RECONNECT,
    Kind.STORE_CORRUPT,
    Kind.STORE_EVICT,
)
_SQL_FAULTS: Final = (Kind.SQL_LINK, Kind.SQL_BREAKS, Kind.SQL_SLOW)
_INSTANCE_FAULTS: Final = (Kind.PAUSE, Kind.PAUSE, Kind.KILL)


def _calm(author: Author, plan: Plan) -> Plan:
    return replace(plan, actions=tuple(author.traffic()))


def _store(author: Author, plan: Plan) -> Plan:
    return replace(plan, actions=(*author.traffic(), *author.faults(_STORE_FAULTS, 1, 4)))


def _cut_off(author: Author, plan: Plan) -> Plan:
    """One instance cannot reach the store, the others can; it writes."""
    victim = author.instance()
    cut = Action(
        author.moments[0] * 0.9,
        Kind.STORE_LINK,
        victim,
        seconds=author.lease_seconds * 2,
        value=author.random.choice(["refusing", "silent"]),
    )
    writes = [replace(write, instance=victim) for write in author.writes(1, 2)]
    keen = [replace(write, then=(*write.then, *_keen(write))) for write in writes]
    return replace(plan, actions=(*author.traffic(), cut, *keen))


def _keen(write: Action) -> tuple[Action, ...]:
    """Every instance reads at the very moment of the acknowledgement."""
    return tuple(Action(0.0, Kind.READ, number, write.scope) for number in range(INSTANCES))


def _fail_over(author: Author, plan: Plan) -> Plan:
    save = Action(author.moments[0] * 0.8, Kind.STORE_SAVE)
    loss = Action(author.moment(), Kind.STORE_FAIL_OVER)
    return replace(plan, actions=(*author.traffic(), save, loss, *author.writes(1, 2)))


def _forget(author: Author, plan: Plan) -> Plan:
    save = Action(author.moments[0] * 0.8, Kind.STORE_SAVE)
    loss = Action(author.moment(), Kind.STORE_FORGET)
    return replace(plan, actions=(*author.traffic(), save, loss, *author.writes(1, 2)))


def _split(author: Author, plan: Plan) -> Plan:
    """Some instances keep a connection to the primary that was demoted, and all write and read."""
    split = Action(
        author.moments[0] * 0.9,
        Kind.STORE_SPLIT,
        author.instance(),
        seconds=author.lease_seconds * author.random.choice([0.5, 2.0, 4.0]),
    )
    strict = author.random.random() < 0.4
    writes = [replace(write, then=(*write.then, *_keen(write))) for write in author.writes(1, 3)]
    return replace(plan, strict=strict, actions=(*author.traffic(), split, *writes))


def _sql(author: Author, plan: Plan) -> Plan:
    faults = author.faults((*_SQL_FAULTS, Kind.SQL_CLOCK_BACK), 1, 3)
    return replace(plan, actions=(*author.traffic(), *faults))


def _restore(author: Author, plan: Plan) -> Plan:
    kind = author.random.choice([Kind.SQL_RESTORE, Kind.SQL_RESTORE, Kind.SQL_REPLACE])
    save = Action(author.moments[0] * 0.8, Kind.SQL_SAVE)
    lost_at = author.moments[-1] + author.lease_seconds * author.random.choice([0.2, 1.0, 2.0])
    loss = replace(author.fault(kind), at=lost_at, seconds=author.random.choice([0.03, 0.5]))
    later = [
        replace(action, at=action.at - author.moments[0] + lost_at)
        for action in [*author.reads(3, 8), *author.writes(0, 2)]
    ]
    return replace(plan, actions=(*author.traffic(), save, loss, *later))


def _instances(author: Author, plan: Plan) -> Plan:
    return replace(plan, actions=(*author.traffic(), *author.faults(_INSTANCE_FAULTS, 1, 3)))


def _no_store(author: Author, plan: Plan) -> Plan:
    faults = author.faults((*_INSTANCE_FAULTS, *_SQL_FAULTS), 0, 2)
    return replace(plan, store=False, actions=(*author.traffic(), *faults))


def _everything(author: Author, plan: Plan) -> Plan:
    kinds = (*_STORE_FAULTS, *_SQL_FAULTS, *_INSTANCE_FAULTS)
    return replace(plan, actions=(*author.traffic(), *author.faults(kinds, 2, 5)))


_FAMILIES: Final[dict[str, tuple[int, Family]]] = {
    "calm": (3, _calm),
    "burst": (2, narrow.burst),
    "missing": (2, narrow.missing),
    "late push": (2, narrow.late_push),
    "edge of the lease": (2, narrow.edge_of_the_lease),
    "dead store": (1, narrow.dead_store),
    "conflict": (2, narrow.conflict),
    "late write": (1, narrow.late_write),
    "store": (5, _store),
    "cut off": (2, _cut_off),
    "fail over": (2, _fail_over),
    "forget": (1, _forget),
    "split": (1, _split),
    "sql": (2, _sql),
    "restore": (3, _restore),
    "restored unseen": (2, narrow.restored_unseen),
    "instances": (2, _instances),
    "no store": (2, _no_store),
    "everything": (4, _everything),
}


def family_of(seed: int) -> str:
    return _drawn(seed)[0]


def plan_of(seed: int) -> Plan:
    """The plan that this seed stands for."""
    family, random = _drawn(seed)
    author = Author(random)
    plan = author.settings(Plan(seed, family))
    plan = _FAMILIES[family][1](author, plan)
    return replace(plan, actions=tuple(sorted(plan.actions, key=lambda action: action.at)))


def _drawn(seed: int) -> tuple[str, Random]:
    random = Random(seed)  # noqa: S311 -- a schedule, not a secret
    weights = [weight for weight, _ in _FAMILIES.values()]
    return random.choices(list(_FAMILIES), weights)[0], random
