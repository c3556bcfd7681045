"""Runs a Function App with Microsoft's worker library, `azure-functions-runtime`, in this process.

The library keeps its registry in module globals, so a process can run one Function App.
"""

import json
import logging
import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import azure_functions_runtime as worker

from local import protos
from local.protos import Message, ParameterBinding, TypedData

LOGGER = logging.getLogger("proxy_worker")
"""Named as that of the platform's worker; its lines reach the root logger, as they do there."""

HTTP_TRIGGER = "httpTrigger"
WARMUP_TRIGGER = "warmupTrigger"


class IndexingError(Exception):
    """The Function App cannot be loaded; the message is the worker's."""


class InvocationError(Exception):
    """A function raised an exception; the message is its traceback."""


@dataclass(frozen=True)
class Function:
    """An indexed function. `methods` is None if it takes every method; `route` is as written."""

    name: str
    id: str
    trigger: str
    parameter: str
    route: str
    methods: frozenset[str] | None


async def index(app_dir: Path) -> list[Function]:
    """Load the Function App in `app_dir` and return its functions.

    Changes the working directory and `sys.path`, as the worker does. Raises IndexingError.
    """
    if not (app_dir / "function_app.py").is_file():
        raise IndexingError(f"{app_dir} holds no function_app.py")
    os.chdir(app_dir)
    sys.path.insert(0, str(app_dir))
    worker.start_threadpool_executor()
    _succeed(await worker.worker_init_request(_init_request(app_dir)))
    answer = await worker.functions_metadata_request(Message())
    return [_function(metadata) for metadata in answer.function_metadata_results or ()]


async def invoke(
    function: Function, data: TypedData, *, trace_parent: str = "", trace_state: str = ""
) -> Any:
    """Call a function; return its value as TypedData, or None if it has none.

    Raises InvocationError with the traceback if the function raises.
    """
    invocation_id = str(uuid.uuid4())
    # As the worker's dispatcher does. It is a row in Application Insights for each call, unless
    # PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME names other loggers.
    LOGGER.info(
        "Received FunctionInvocationRequest, function_id: %s, invocation_id: %s",
        function.id,
        invocation_id,
    )
    invocation = Message(
        invocation_id=invocation_id,
        function_id=function.id,
        input_data=[ParameterBinding(name=function.parameter, data=data)],
        trigger_metadata={},
        trace_context=Message(trace_parent=trace_parent, trace_state=trace_state, attributes={}),
        retry_context=Message(retry_count=0, max_retry_count=0, exception=None),
    )
    answer = await worker.invocation_request(
        Message(request=Message(invocation_request=invocation))
    )
    if answer.result.status != protos.StatusResult.Success:
        raise InvocationError(answer.result.exception.stack_trace)
    return answer.return_value


def _init_request(app_dir: Path) -> Message:
    init = Message(capabilities={}, function_app_directory=str(app_dir))
    return Message(
        request=Message(worker_init_request=init),
        properties={"protos": protos, "host": "127.0.0.1"},
    )


def _succeed(answer: Any) -> None:
    if answer.result.status != protos.StatusResult.Success:
        fault = answer.result.exception
        raise IndexingError(f"{fault.stack_trace}\n{fault.message}")


def _function(metadata: Any) -> Function:
    bindings = [json.loads(binding) for binding in metadata.raw_bindings]
    trigger = next(binding for binding in bindings if binding["type"].endswith("Trigger"))
    methods = trigger.get("methods")
    return Function(
        name=metadata.name,
        id=metadata.function_id,
        trigger=trigger["type"],
        parameter=trigger["name"],
        route=trigger.get("route") or metadata.name,
        methods=frozenset(method.upper() for method in methods) if methods else None,
    )
