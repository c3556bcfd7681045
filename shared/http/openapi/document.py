"""The whole document: info, paths and components."""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from shared.http.answer_bodies import FieldsProblem, FullRecord, Problem, Record
from shared.http.openapi.described import DESCRIBED
from shared.http.openapi.operation import SECURITY, operation
from shared.http.openapi.parameters import HEADERS, PARAMETERS
from shared.http.route import Route
from shared.version import NAME, VERSION

_ABOUT: Final = """\
Lists of the Spotify Tracks data set, from a cache that is never wrong: a list never lacks a record
whose creation was acknowledged before the read began.

* **Compression.** Lists are stored compressed: send `Accept-Encoding: gzip`. JSON is the only media
  type, whatever `Accept` says.
* **Caching.** Keep the `ETag` and send it as `If-None-Match`: an unchanged list is a 304 without a
  body.
* **Pages.** Send `limit`, and follow `Link` with `rel="next"`.
* **Errors** are problem details (RFC 9457). An unknown path or method is an empty 404 of the
  platform.
* **HEAD** answers every GET with its headers alone.
* **Sign-in.** Users are users of Firebase Authentication; an operator grants the roles `editor` and
  `admin`.
"""

_SIGN_IN: Final = """\
A Firebase ID token: `idToken` in the answer of `/login`. It is valid for an hour; `/token`
exchanges the refresh token for a new one."""


def openapi_document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """OpenAPI 3.1.1 for these routes. Raises KeyError for one that is not described."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        for method in route.methods:
            item = paths.setdefault(f"/{route.path.strip('/')}", {})
            item[method.lower()] = operation(route, method, DESCRIBED[route.name])
    return {
        "openapi": "3.1.1",
        "info": {"title": NAME, "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in DESCRIBED.values())],
        "paths": paths,
        "components": {
            "schemas": _schemas(routes),
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": {
                SECURITY: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": _SIGN_IN,
                }
            },
        },
    }


def _schemas(routes: tuple[Route, ...]) -> dict[str, Any]:
    requests: set[type[BaseModel]] = set()
    answers: set[type[BaseModel]] = {Record, FullRecord, Problem, FieldsProblem}
    for route in routes:
        one = DESCRIBED[route.name]
        if one.body is not None:
            requests.add(one.body)
        shapes = (one.answer, one.problem)
        answers.update(shape for shape in shapes if isinstance(shape, type))
    _, document = models_json_schema(
        [
            *((model, "validation") for model in _by_name(requests)),
            *((model, "serialization") for model in _by_name(answers)),
        ],
        ref_template="#/components/schemas/{model}",
        schema_generator=_InOrder,
    )
    schemas: dict[str, Any] = document["$defs"]
    return schemas


class _InOrder(GenerateJsonSchema):
    """Keep the fields in the models' order, which is easier to read than the alphabetical one."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        del parent_key
        return value


def _by_name(models: set[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(models, key=lambda model: model.__name__)
