"""The Function App that serves a table of routes."""

import logging
from collections.abc import Callable
from typing import Final

import azure.functions as func
from azure.functions import Function
from azure.functions.warmup import WarmUpContext

from shared.errors import ApiError
from shared.http.endpoint import endpoint, mark_logs
from shared.http.route import Route
from shared.services import Services
from shared.telemetry import Span
from shared.tracks.track import View

_log = logging.getLogger(__name__)

QUIET: Final = ("azure", "httpx")
"""These libraries log lines for every call; the call's span has the same facts."""


class _App(func.FunctionApp):
    """Functions are anonymous to the platform: we authenticate."""

    def __init__(self, loaded: Callable[[], None] | None) -> None:
        super().__init__(http_auth_level=func.AuthLevel.ANONYMOUS)
        self._loaded = loaded

    def get_functions(self) -> list[Function]:
        """Return the functions: the worker asks once, when it has imported the app.

        `loaded` is called now, and not at import: its thread could import what is half imported.
        """
        if self._loaded:
            self._loaded()
        functions: list[Function] = super().get_functions()
        return functions


def create_app(
    routes: tuple[Route, ...], services: Services, *, loaded: Callable[[], None] | None = None
) -> func.FunctionApp:
    """The app in the v2 model. `loaded` is called when the worker has loaded it."""
    mark_logs()
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    app = _App(loaded)
    for route in routes:
        function = endpoint(route, services, routes)
        app.function_name(route.name)(
            app.route(route=route.path, methods=[*route.methods])(function)
        )
    _add_warm_up(app, services)
    return app


def _add_warm_up(app: func.FunctionApp, services: Services) -> None:
    """Fill the memory of a new instance: the Premium plan calls this before its first request.

    A failure is logged. The instance then serves without a warm memory, which only costs time.
    """

    async def warm_up(warmup: WarmUpContext) -> None:
        del warmup
        try:
            await services.prepare()
            with services.events.span(Span.WARM_UP):
                await services.reader.all(View.CORE)
        except ApiError as error:
            _log.warning("The warm-up failed, the first reads will take longer: %s", error)
        except Exception:  # noqa: BLE001 -- whatever it is, it is logged
            _log.exception("The warm-up failed, the first reads will take longer")

    app.function_name("warmup")(app.warm_up_trigger("warmup")(warm_up))
