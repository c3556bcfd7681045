"""Plans that aim at one rule each: what it guards against is rare in plain traffic."""

from dataclasses import replace
from typing import Final

from shared.tracks.genres import ALL
from tests.simulation.author import INSTANCES, Author
from tests.simulation.database import PATIENCE
from tests.simulation.plan import Action, Kind, Plan

PROMPT: Final = 0.25 + 0.02
"""Longest wait for a store that is dead, and what a quick SQL and the network take."""


def burst(author: Author, plan: Plan) -> Plan:
    """One instance answers many readers while another one writes what they read."""
    random, hot = author.random, author.hot
    start, reader = author.moments[0], author.instance()
    reads = [Action(start + random.random() * 0.02, Kind.READ, reader, hot) for _ in range(12)]
    writes = [
        replace(
            author.write(),
            at=start + random.random() * 0.01,
            then=(Action(0.0, Kind.READ, reader, hot),),
        )
        for _ in range(2)
    ]
    return replace(
        plan,
        store=random.random() < 0.7,
        sql_slow=0.02,
        actions=(*author.warm_up(), *reads, *writes),
    )


def missing(author: Author, plan: Plan) -> Plan:
    """The store forgets everything while one instance writes, and the others read."""
    random, hot = author.random, author.hot
    start = author.moments[0]
    first, second, third = random.sample(range(INSTANCES), 3)
    before = [
        Action(start - random.random() * 0.1, Kind.READ, number, hot) for number in (second, third)
    ]
    wipe = Action(start, random.choice([Kind.STORE_WIPE, Kind.STORE_WIPE, Kind.STORE_RESTART]))
    reads = [
        Action(start + random.random() * 0.01, Kind.READ, number, hot) for number in (first, second)
    ]
    write = replace(
        author.write(),
        at=start - 0.005 + random.random() * 0.02,
        scope=author.genre_of_hot(),
        instance=first,
        then=tuple(
            Action(random.choice([0.0, 0.002, 0.01, 0.03]), Kind.READ, number, hot)
            for number in (second, third, third)
        ),
    )
    plan = replace(plan, sql_slow=0.04, slow_chance=0.4, store_slow=0.01, ttl=1000.0)
    return replace(plan, actions=(*before, wipe, *reads, write))


def late_push(author: Author, plan: Plan) -> Plan:
    """A writer sleeps between commit and push; others write, and the store is wiped."""
    random, hot, lease_seconds = author.random, author.hot, author.lease_seconds
    start = author.moments[0]
    first, second, third = random.sample(range(INSTANCES), 3)
    genre = author.genre_of_hot()
    nap = lease_seconds * random.uniform(0.2, 0.5)
    actions = (
        Action(start, Kind.WRITE, first, genre),
        Action(start + random.random() * 0.01, Kind.PAUSE, first, seconds=nap),
        Action(start + random.uniform(0.005, 0.03), Kind.READ, third, hot),
        Action(start + random.uniform(0.03, 0.05), Kind.WRITE, second, genre),
        Action(start + nap * random.uniform(0.5, 1.1), Kind.STORE_WIPE),
        *(
            Action(start + nap + random.random() * lease_seconds / 3, Kind.READ, third, hot)
            for _ in range(4)
        ),
    )
    return replace(plan, sql_slow=0.01, ttl=1000.0, actions=actions)


def edge_of_the_lease(author: Author, plan: Plan) -> Plan:
    """A writer without the store; the others polled as it committed, and read as it answers."""
    random, hot = author.random, author.hot
    start = author.moments[0] + author.lease_seconds
    first, *others = random.sample(range(INSTANCES), 3)
    cut = Action(start - 0.3, Kind.STORE_LINK, first, seconds=4.0, value="refusing")
    readers = [Action(start + random.random() * 0.008, Kind.READ, number, hot) for number in others]
    keen = tuple(Action(0.0, Kind.READ, number, hot) for number in others)
    write = Action(start, Kind.WRITE, first, author.genre_of_hot(), then=keen)
    plan = replace(plan, slow_chance=0.0, ttl=1000.0, limit=100)
    return replace(plan, actions=(*author.warm_up(), cut, *readers, write))


def dead_store(author: Author, plan: Plan) -> Plan:
    """The store falls silent under readers of what is in memory; SQL is well, and quick."""
    random, hot = author.random, author.hot
    start = author.moments[0] + 0.1
    dead = Action(start, Kind.STORE, seconds=1.5, value=random.choice(["silent", "refusing"]))
    warm = [Action(0.02 * number, Kind.READ, number, hot) for number in range(INSTANCES)]
    reads = [
        Action(
            start + random.choice([0.05, 0.5, 1.5]) * random.random(),
            Kind.READ,
            author.instance(),
            hot,
        )
        for _ in range(15)
    ]
    plan = replace(plan, slow_chance=0.0, ttl=1000.0, memory_bytes=1_000_000, prompt=PROMPT)
    return replace(plan, actions=(*warm, dead, *reads))


def conflict(author: Author, plan: Plan) -> Plan:
    """A record comes in unannounced, and other instances are told that it exists already."""
    random, hot = author.random, author.hot
    start = author.moments[0] + author.lease_seconds
    first, *others = random.sample(range(INSTANCES), 3)
    genre = author.genre_of_hot()
    cut = Action(start - 0.3, Kind.STORE_LINK, first, seconds=4.0, value="refusing")
    keen = tuple(
        Action(delay, Kind.READ, number, hot) for number in others for delay in (0.0, 0.01)
    )
    kind = random.choice([Kind.WRITE, Kind.WRITE, Kind.LOAD_ASIDE])
    stored = Action(start, kind, first, genre, value="again", then=keen)
    again = [
        Action(
            start + random.choice([0.01, 0.1, author.lease_seconds]) * random.random(),
            Kind.WRITE,
            random.choice([*others, *others, first]),
            author.spelling(genre),
            value="again",
            then=keen,
        )
        for _ in range(random.randint(1, 3))
    ]
    plan = replace(plan, ttl=1000.0, limit=100)
    return replace(plan, actions=(*author.warm_up(), *author.reads(1, 4), cut, stored, *again))


def late_write(author: Author, plan: Plan) -> Plan:
    """A write waits for a lock until its deadline, and may get it at the last moment."""
    random, hot = author.random, author.hot
    start = author.moments[0] + author.lease_seconds
    genre = author.genre_of_hot()
    seconds = PATIENCE + random.uniform(-0.1, 0.1)
    lock = Action(start - 0.05, Kind.SQL_LOCK, 0, random.choice([genre, ALL]), seconds=seconds)
    keen = tuple(Action(0.0, Kind.READ, number, hot) for number in range(INSTANCES))
    writes = [
        Action(start + random.random() * 0.05, kind, author.instance(), genre, then=keen)
        for kind in [Kind.WRITE, random.choice([Kind.WRITE, Kind.PURGE, Kind.LOAD])]
    ]
    plan = replace(plan, ttl=1000.0, limit=100)
    return replace(plan, actions=(*author.warm_up(), *author.reads(1, 4), lock, *writes))


def restored_unseen(author: Author, plan: Plan) -> Plan:
    """SQL is restored; later instances read that were started since, or had not read the list."""
    random, hot = author.random, author.hot
    start = author.moments[0] + author.lease_seconds
    first, *others = random.sample(range(INSTANCES), 3)
    lost = [
        Action(start + 0.1 * (number + 1), Kind.WRITE, first, author.genre_of_hot())
        for number in range(random.randint(1, 2))
    ]
    reads = [Action(start + 1.0 + random.random(), Kind.READ, first, hot)]
    restored_at = start + 3.0
    actions = [
        Action(start, Kind.SQL_SAVE),
        *lost,
        *reads,
        Action(restored_at, Kind.SQL_RESTORE, -1, seconds=0.05),
    ]
    if random.random() < 0.7:
        actions.append(Action(restored_at + 0.1, Kind.KILL, first))
        others.append(first)
    later = restored_at + author.lease_seconds * random.uniform(1.2, 4.0)
    actions += [
        Action(later + random.random() * 0.1, Kind.READ, random.choice(others), hot)
        for _ in range(random.randint(1, 5))
    ]
    if random.random() < 0.3:
        actions.append(Action(later, Kind.WRITE, others[0], author.genre_of_hot()))
    return replace(plan, ttl=1000.0, stale_if_error=0.0, actions=tuple(actions))
