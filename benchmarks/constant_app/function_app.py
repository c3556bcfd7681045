"""A function that does nothing: what the functions host itself costs for the same bytes."""

import os
from pathlib import Path

import azure.functions as func

BODY = Path(os.environ["BODY"]).read_bytes()
HEADERS = {"Content-Length": str(len(BODY)), "Content-Encoding": "gzip"}

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="features")
async def features(req: func.HttpRequest) -> func.HttpResponse:
    del req
    return func.HttpResponse(BODY, headers=HEADERS, mimetype="application/json")
