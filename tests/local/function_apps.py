"""Writes small Function Apps for the host to serve."""

import json
from pathlib import Path

HEADER = """\
import asyncio, json, logging, threading
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
Req, Res = func.HttpRequest, func.HttpResponse
"""


def write_app(directory: Path, source: str, *, prefix: str | None = "") -> Path:
    """Write a Function App into `directory`; with `prefix` None, host.json has none."""
    directory.mkdir(parents=True, exist_ok=True)
    http = {} if prefix is None else {"extensions": {"http": {"routePrefix": prefix}}}
    (directory / "host.json").write_text(json.dumps({"version": "2.0", **http}), "utf-8")
    (directory / "function_app.py").write_text(HEADER + source, "utf-8")
    return directory


ECHO = """
@app.route(route="echo/{word}")
async def echo(req: Req, context: func.Context) -> Res:
    body = req.get_body()
    seen = {
        "method": req.method, "url": req.url, "headers": dict(req.headers),
        "params": dict(req.params), "route": dict(req.route_params), "length": len(body),
        "body": body[:200].decode("latin-1"), "parent": context.trace_context.trace_parent,
        "state": context.trace_context.trace_state, "invocation": context.invocation_id,
    }
    return Res(json.dumps(seen), mimetype="application/json")

calls = 0

@app.route(route="count")
async def count(req: Req) -> Res:
    global calls
    calls += req.method == "POST"
    return Res(str(calls))
"""
