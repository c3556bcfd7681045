"""A stand-in for GitHub's program `gh`: the calls of infra/github.sh, on a file of state.

Answers have the shape of GitHub's REST API, version 2022-11-28.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

PREFIX = "repos/ana/music"


class NotFoundError(Exception):
    """What is asked for does not exist."""


def main(path: str, arguments: list[str]) -> int:
    """Run the command on the state in the file; return its status."""
    state = json.loads(Path(path).read_text("utf-8"))
    try:
        answer = {"api": _api, "repo": _repo, "variable": _variable}[arguments[0]](
            state, arguments[1:]
        )
    except NotFoundError as error:
        sys.stderr.write(f"gh: Not Found (HTTP {error})\n")
        return 1
    Path(path).write_text(json.dumps(state), "utf-8")
    sys.stdout.write(answer)
    return 0


def _repo(state: dict[str, Any], _arguments: list[str]) -> str:
    return f"{state['repository']['full_name']}\n"


def _api(state: dict[str, Any], arguments: list[str]) -> str:
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
    body = json.loads(sys.stdin.read() if given.input else "{}")
    _write(state, given.path.removeprefix(PREFIX), body | dict(one.split("=") for one in given.f))
    return ""


def _get(state: dict[str, Any], path: str) -> Any:
    if path in ("", "/actions/oidc/customization/sub"):
        found = state["customization" if path else "repository"]
    else:
        _, _, name, *rest = path.split("/")
        found = state["environments"].get(name)
        if found and rest:
            return {"branch_policies": [{"name": branch} for branch in found["branches"]]}
    if found is None:
        raise NotFoundError(404)
    return found


def _write(state: dict[str, Any], path: str, body: dict[str, Any]) -> None:
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


def _variable(state: dict[str, Any], arguments: list[str]) -> str:
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
        raise NotFoundError(404)
    variables = state["variables"].setdefault(given.env, {})
    if given.action == "set":
        if given.name.startswith("GITHUB_"):
            raise NotFoundError(422)  # GitHub keeps these names for itself
        variables[given.name] = given.body
        return ""
    if given.action == "list":
        return "".join(f"{name}\n" for name in variables)
    if given.name not in variables:
        raise NotFoundError(404)
    return f"{variables.pop(given.name) if given.action == 'delete' else variables[given.name]}\n"
