"""A stand-in for `az`: what it answers, from a state that stands for Azure.

An answer is what the real program prints after its `--query`; an error has the code that Azure
documents.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.infra.answering import RefusedError
from tests.infra.az_queries import finds_nothing

type State = dict[str, Any]

SUBSCRIPTION = "1234"
OWNER = {"value": [{"actions": ["*"], "notActions": []}]}
CONTRIBUTOR = {"value": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}]}
NAMESPACES = (
    "Cache ContainerRegistry DataFactory EventGrid Insights KeyVault ManagedIdentity Network "
    "OperationalInsights Sql Storage Web"
)
EMPTY: State = {
    "signed_in": True,
    "person": True,
    "version": "2.90.0",
    "bicep": "0.49.2",
    "group": True,
    "permissions": OWNER,
    "registered": [f"Microsoft.{name}" for name in NAMESPACES.split()],
    "regions": ["West Europe", "North Europe"],
    "quota": "10\t0",
    "editions": 5,
    "deleted_vaults": "",
    "roles": [],
    "tries_until_role": 0,
    "secrets": {},
    "trigger": None,
    "tries_until_trigger": 0,
    "refused_orders": 0,
    "images": {},
    "budget": "",
    "administrator": "",
    "tags": [],
    "build": "",
    "blobs": {},
    "firewall": [],
    "private": False,
    "open": [],
    "endpoints": {},
    "refuses": "",
}
"""A subscription in which everything that is needed is there, and nothing is deployed."""


class Call:
    def __init__(self, state: State, arguments: Sequence[str]) -> None:
        self.state, self.arguments, self.text = state, arguments, " ".join(arguments)

    def option(self, name: str) -> str:
        return self.arguments[self.arguments.index(name) + 1] if name in self.arguments else ""

    @property
    def path(self) -> str:
        """The address of `az rest`, without its version."""
        return self.option("--uri").partition("?")[0]


def account(call: Call) -> str:
    if not call.state["signed_in"]:
        raise RefusedError("ERROR: Please run 'az login' to setup account.")
    person = call.state["person"]
    return {
        "id": SUBSCRIPTION,
        "user.type": "user" if person else "servicePrincipal",
        "user.name": "ann@example.com" if person else "app-id",
    }[call.option("--query")]


def signed_in_user(call: Call) -> str:
    if not call.state["person"]:
        raise RefusedError("ERROR: /me request is only valid with delegated authentication flow.")
    return {"id": "ann-id", "userPrincipalName": "ann@example.com"}[call.option("--query")]


def register(call: Call) -> str:
    call.state["registered"].append(call.option("--namespace"))
    return ""


def held_role(call: Call) -> None:
    """A role works only some tries after it was assigned."""
    if not call.state["roles"]:
        raise RefusedError("ERROR: (Forbidden) Caller is not authorized to perform action")
    if call.state["tries_until_role"] > 0:
        call.state["tries_until_role"] -= 1
        raise RefusedError("ERROR: (Forbidden) Caller is not authorized to perform action")


def assign(call: Call) -> str:
    call.state["roles"].append(call.option("--role"))
    return ""


def list_secrets(call: Call) -> str:
    held_role(call)
    return "\n".join(call.state["secrets"])


def set_secret(call: Call) -> str:
    call.state["secrets"][call.option("--name")] = Path(call.option("--file")).read_text("utf-8")
    return ""


def list_blobs(call: Call) -> str:
    held_role(call)
    return str(call.state["blobs"].get(call.option("--prefix"), ""))


def trigger(call: Call) -> str:
    state = call.state
    if call.option("--method") == "post":
        if state["refused_orders"] > 0:
            state["refused_orders"] -= 1
            raise RefusedError("ERROR: Bad Request: the trigger is being provisioned")
        state["wanted"] = "Started" if call.path.endswith("/start") else "Stopped"
        return ""
    if state["trigger"] is None:
        raise RefusedError('ERROR: Not Found({"error":{"code":"EntityNotFound"}})')
    if state.get("wanted", state["trigger"]) != state["trigger"]:
        if state["tries_until_trigger"] <= 0:
            state["trigger"] = state["wanted"]
        state["tries_until_trigger"] -= 1
    return str(state["trigger"])


def slot(call: Call) -> str:
    return "staging" if "/slots/staging" in call.path else "production"


def image(call: Call) -> str:
    if call.option("--method") == "patch":
        body = json.loads(call.option("--body"))
        call.state["images"][slot(call)] = body["properties"]["linuxFxVersion"]
        return ""
    if slot(call) not in call.state["images"]:
        raise RefusedError('ERROR: Not Found({"error":{"code":"ResourceNotFound"}})')
    return str(call.state["images"][slot(call)])


def budget(call: Call) -> str:
    if not call.state["budget"]:
        raise RefusedError('ERROR: Not Found({"error":{"code":"404","message":"No budget found"}})')
    return f"{call.state['budget']}T00:00:00Z"


def administrator(call: Call) -> str:
    if not call.state["administrator"]:
        raise RefusedError('ERROR: Not Found({"error":{"code":"ResourceNotFound"}})')
    return str(call.state["administrator"])


def swap(call: Call) -> str:
    images = call.state["images"]
    images["production"], images["staging"] = images["staging"], images["production"]
    return ""


def show_tag(call: Call) -> str:
    if call.option("--image") not in call.state["tags"]:
        raise RefusedError("ERROR: Error: manifest tagged by it is not found.")
    return ""


def build(call: Call) -> str:
    if call.state["build"]:
        raise RefusedError(call.state["build"])
    call.state["tags"].append(call.option("--image"))
    return "Step 1/20 : FROM mcr.microsoft.com/azure-functions/python"


def open_rule(call: Call) -> str:
    call.state["firewall"].append(call.option("--name"))
    return ""


def close_rule(call: Call) -> str:
    call.state["firewall"].remove(call.option("--name"))
    return ""


def recover(call: Call) -> str:
    call.state["deleted_vaults"] = ""
    return ""


def change_firewall(call: Call, service: str, *, opens: bool) -> str:
    opened = call.state["open"]
    (opened.append if opens else opened.remove)(service)
    return ""


def network_rule(call: Call) -> str:
    return change_firewall(call, call.arguments[0], opens="add" in call.arguments)


def endpoint(call: Call) -> str:
    """An endpoint is asked for once its connection was listed, and approved by its id."""
    endpoints, identifier = call.state["endpoints"], call.option("--id")
    if "approve" in call.arguments:
        endpoints[identifier.removesuffix("/connection")] = "Approved"
        return ""
    before = endpoints.get(identifier)
    endpoints[identifier] = before or "Pending"
    return f"{identifier}/connection\t{before}" if before else ""


BEHIND_FIREWALLS = {
    r"keyvault secret": "keyvault",
    r"storage blob": "storage",
    r"acr (?!update)": "acr",
}
"""In a private network these calls are refused while the firewall of this service is closed."""


def check_firewall(call: Call) -> None:
    names = (name for start, name in BEHIND_FIREWALLS.items() if re.match(start, call.text))
    if call.state["private"] and set(names) - set(call.state["open"]):
        raise RefusedError("ERROR: (ForbiddenByFirewall) Client address is not authorized")


def says(key: str) -> Callable[[Call], str]:
    return lambda call: str(call.state[key])


def lines(key: str) -> Callable[[Call], str]:
    return lambda call: "\n".join(call.state[key])


ANSWERS: dict[str, Callable[[Call], str]] = {
    r"account show": account,
    r"version": says("version"),
    r"bicep version": lambda call: f"Bicep CLI version {call.state['bicep']} (b5588e2c2b)",
    r"ad signed-in-user show": signed_in_user,
    r"ad sp show": lambda _: "app-object-id",
    r"group exists": lambda call: str(call.state["group"]).lower(),
    r"group show": lambda _: "westeurope",
    r"rest .*/Microsoft.Authorization/permissions": lambda call: json.dumps(
        call.state["permissions"]
    ),
    r"rest .*/geoRegions": lines("regions"),
    r"rest .*/usages": says("quota"),
    r"rest .*/triggers/new_csv": trigger,
    r"rest .*/config/web": image,
    r"rest .*/Microsoft.Consumption/budgets/": budget,
    r"rest .*/Microsoft.Sql/servers/": administrator,
    r"rest .*defaultHostName": lambda call: f"{slot(call)}.example",
    r"provider list": lines("registered"),
    r"provider register": register,
    r"provider show": lines("regions"),
    r"sql db list-editions": says("editions"),
    r"sql server firewall-rule create": open_rule,
    r"sql server firewall-rule delete": close_rule,
    r"sql server firewall-rule list": lambda call: "\n".join(
        name for name in call.state["firewall"] if name in call.option("--query")
    ),
    r"(keyvault|storage account) network-rule": network_rule,
    r"acr update": lambda call: change_firewall(
        call, "acr", opens=call.option("--default-action") == "Allow"
    ),
    r"network private-endpoint-connection": endpoint,
    r"keyvault list-deleted": says("deleted_vaults"),
    r"keyvault recover": recover,
    r"keyvault secret list": list_secrets,
    r"keyvault secret set": set_secret,
    r"role assignment create": assign,
    r"storage blob list": list_blobs,
    r"functionapp deployment slot swap": swap,
    r"acr repository show": show_tag,
    r"acr build": build,
    r"acr login": lambda _: "",
    r"deployment group show": lambda call: json.dumps(call.state["outputs"]),
}


def answer(state: State, arguments: Sequence[str]) -> str:
    """Change the state as the call does; return what az prints, or raise RefusedError."""
    call = Call(state, arguments)
    if state["refuses"] and re.search(state["refuses"], call.text):
        raise RefusedError("ERROR: (AuthorizationFailed) The client does not have authorization")
    check_firewall(call)
    text = next(say for start, say in ANSWERS.items() if re.match(start, call.text))(call)
    if finds_nothing(call.text, call.option("--query")):
        return ""
    return f"{text}\n" if text else ""
