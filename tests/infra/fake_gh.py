"""A stand-in for GitHub's program `gh`: what it answers to infra/github.sh, from a state.

Answers have the shape of GitHub's REST API, version 2022-11-28.
"""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from tests.infra.answering import RefusedError

type State = dict[str, Any]

PREFIX = "repos/ana/music"


class NotFoundError(RefusedError):
    """What is asked for does not exist, or GitHub answers with another status."""

    def __init__(self, status: int = 404) -> None:
        super().__init__(f"gh: Not Found (HTTP {status})")


def answer(state: State, arguments: Sequence[str], given: str) -> str:
    """Change the state as the call does, with its standard input; return what gh prints."""
    command, *rest = arguments
    if command == "repo":
        return f"{state['repository']['full_name']}\n"
    return _variable(state, rest) if command == "variable" else _api(state, rest, given)


def _api(state: State, arguments: Sequence[str], text: str) -> str:
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--jq")
    parser.add_argument("--input")
    parser.add_argument("-f", action="append", default=[])
    parser.add_argument("--silent", action="store_true")
    given = parser.parse_args(arguments)
    if given.path == state.get("fails", ""):
        raise NotFoundError(403)
    if given.method == "GET":
        found = _get(state, given.path.removeprefix(PREFIX))
        return "" if given.silent else _select(found, given.jq)
    state.setdefault("writes", []).append(given.path)
    if given.method == "DELETE":
        del state["environments"][given.path.rpartition("/")[2]]
        return ""
    body = json.loads(text or "{}")
    _write(state, given.path.removeprefix(PREFIX), body | dict(one.split("=") for one in given.f))
    return ""


def _get(state: State, path: str) -> Any:
    if path in ("", "/actions/oidc/customization/sub"):
        found = state["customization" if path else "repository"]
    else:
        _, _, name, *rest = path.split("/")
        found = state["environments"].get(name)
        if found and rest:
            return {"branch_policies": [{"name": branch} for branch in found["branches"]]}
    if found is None:
        raise NotFoundError
    return found


def _write(state: State, path: str, body: dict[str, Any]) -> None:
    _, _, name, *rest = path.split("/")
    if rest:
        state["environments"][name]["branches"].append(body["name"])
    else:
        policy = body.get("deployment_branch_policy")
        state["environments"][name] = {"deployment_branch_policy": policy, "branches": []}


def _select(found: Any, query: str | None) -> str:
    if query is None:
        return json.dumps(found)
    if query == ".branch_policies[].name":
        return "".join(f"{policy['name']}\n" for policy in found["branch_policies"])
    assert query == ".deployment_branch_policy.custom_branch_policies"
    custom = (found["deployment_branch_policy"] or {}).get("custom_branch_policies")
    return f"{'' if custom is None else str(custom).lower()}\n"


def _variable(state: State, arguments: Sequence[str]) -> str:
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["set", "get", "list", "delete"])
    parser.add_argument("name", nargs="?")
    parser.add_argument("--repo", required=True)
    parser.add_argument("--env", default="")
    parser.add_argument("--body")
    parser.add_argument("--json")
    parser.add_argument("--jq")
    given = parser.parse_args(arguments)
    if given.env and given.env not in state["environments"]:
        raise NotFoundError
    variables = state["variables"].setdefault(given.env, {})
    if given.action == "set":
        if given.name.startswith("GITHUB_"):
            raise NotFoundError(422)  # GitHub keeps these names for itself
        variables[given.name] = given.body
        return ""
    if given.action == "list":
        return "".join(f"{name}\n" for name in variables)
    if given.name not in variables:
        raise NotFoundError
    return f"{variables.pop(given.name) if given.action == 'delete' else variables[given.name]}\n"
