"""The properties that scripts read with `az ... --query`, as Azure names them."""

import re
from typing import Final

_QUERIES: Final = {
    r"deployment group show": {"properties.outputs"},
    r"group show": {"id", "location"},
    r"keyvault secret list": {"[].name"},
    r"rest .*/triggers/new_csv": {"properties.runtimeState"},
    r"rest .*/config/web": {"properties.linuxFxVersion"},
    r"rest .*/geoRegions": {"value[].name"},
    r"rest .*/Microsoft.Consumption/budgets/": {"properties.timePeriod.startDate"},
    r"sql db list-editions": {"length(@)"},
    r"rest .*/Microsoft.Sql/servers/": {
        "[properties.administrators.[login, sid, principalType]]",
    },
}


def finds_nothing(call: str, query: str) -> bool:
    """Whether the query names no property of the answer; then az prints nothing."""
    known = next((found for start, found in _QUERIES.items() if re.match(start, call)), {query})
    return bool(query) and query not in known
