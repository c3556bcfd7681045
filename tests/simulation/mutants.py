"""The protocol with one rule left out, each: the oracle must catch every one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from tests.simulation import mutated_leases as leases
from tests.simulation import mutated_lists as lists
from tests.simulation import mutated_store as store
from tests.simulation import mutated_writes as writes


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken rule, and the families of schedules in which it is looked for; none means all."""

    apply: Callable[[pytest.MonkeyPatch], None]
    families: tuple[str, ...] = ()


MUTANTS: Final[Mapping[str, Mutant]] = {
    "no version test on join": Mutant(lists.no_version_test_on_join, ("burst", "calm")),
    "delete instead of compare-and-set": Mutant(writes.delete_instead_of_compare_and_set),
    "rows and version of two snapshots": Mutant(lists.rows_and_version_of_two_snapshots),
    "no lease": Mutant(leases.lease_always_trusted),
    "lease counted from the end of the poll": Mutant(
        leases.lease_counted_from_the_end_of_the_poll, ("cut off", "edge of the lease", "sql")
    ),
    "answer before invalidation": Mutant(writes.answer_before_invalidation),
    "versions that only count up": Mutant(writes.versions_that_only_count_up, ("restore",)),
    "known version created by a writer": Mutant(
        store.known_version_created_by_a_writer, ("late push",)
    ),
    "maximum of polls": Mutant(leases.maximum_of_polls, ("restore",)),
    "acknowledgement one tick early": Mutant(
        writes.acknowledgement_one_tick_early, ("edge of the lease",)
    ),
    "no allowance for clocks": Mutant(writes.no_allowance_for_clocks, ("edge of the lease",)),
    "lock taken after the query": Mutant(lists.lock_taken_after_the_query, ("missing",)),
    "lease kept over a reconnect": Mutant(leases.lease_kept_over_a_reconnect, ("fail over",)),
    "nothing dropped after a rollback": Mutant(
        lists.nothing_dropped_after_a_rollback, ("restore",)
    ),
    "count kept in the process": Mutant(writes.count_kept_in_the_process, ("restore",)),
    "late write not stopped": Mutant(writes.late_write_not_stopped, ("late write",)),
    "conflict answered at once": Mutant(writes.conflict_answered_at_once, ("conflict",)),
    "conflict announced from the lease": Mutant(
        writes.conflict_announced_from_the_lease, ("conflict",)
    ),
    "epoch ignored": Mutant(lists.epoch_ignored, ("restore",)),
    "memory copy served unvalidated": Mutant(lists.memory_copy_served_unvalidated),
    "put without a version check": Mutant(store.put_without_a_version_check),
    "older fill keeps its lock": Mutant(store.older_fill_keeps_its_lock, ("missing",)),
    "poll joined while under way": Mutant(leases.poll_joined_while_under_way, ("burst",)),
    "known version's query joined while under way": Mutant(
        leases.known_version_query_joined_while_under_way, ("burst",)
    ),
    "known version not confirmed": Mutant(leases.known_version_not_confirmed, ("restored unseen",)),
    "unknown genre without a poll": Mutant(leases.unknown_genre_without_a_poll),
}
