"""What is wrong with the queries: their own faults, and columns that an alert does not get."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from checks.finding import Finding
from checks.kql.language import Bound, bind
from checks.kql.queries import Needed, Query, queries

NUMERIC: Final = {"int", "long", "real", "decimal"}


def findings(root: Path) -> list[Finding]:
    """Return everything that is wrong with the queries of a checkout, each thing once."""
    found = queries(root)
    bound = bind([query.text for query in found])
    return list(dict.fromkeys(_all(zip(found, bound, strict=True))))


def _all(pairs: Iterator[tuple[Query, Bound]]) -> Iterator[Finding]:
    for query, bound in pairs:
        for fault in bound.faults:
            yield Finding(query.at(fault.start), "", fault.message)
        if query.needed and not bound.faults:
            for message in _missing(query.needed, bound):
                yield Finding(query.at(0), "", message)


def _missing(needed: Needed, bound: Bound) -> Iterator[str]:
    """Say which columns that the alert reads are not in the query's result, or no numbers."""
    result = f"the query's result ({', '.join(bound.columns)})"
    if not needed.measure and not needed.counts:
        yield "the alert aggregates rows, but names no metricMeasureColumn"
    if needed.measure and needed.measure not in bound.columns:
        yield f"metricMeasureColumn '{needed.measure}' is no column of {result}"
    elif needed.measure and bound.columns[needed.measure] not in NUMERIC:
        kind = bound.columns[needed.measure]
        yield f"metricMeasureColumn '{needed.measure}' is no number: it is of type {kind}"
    for dimension in needed.dimensions:
        if dimension not in bound.columns:
            yield f"the dimension '{dimension}' is no column of {result}"
