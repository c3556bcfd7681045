"""Plain objects in place of the worker's protobuf messages, with the names of FunctionRpc.proto.

`azure-functions-runtime` uses messages only through the module that it is given as `protos`.
Nothing is serialised within one process, so plain objects suffice.
"""

from typing import Any, ClassVar


class Message:
    """Keeps its keyword arguments as attributes."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class TypedData(Message):
    """A oneof: holds at most one of `http`, `string`, `bytes`, `json`, `int`, `double`."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's own name
        return next(iter(self.__dict__), None)


class ParameterBinding(Message):
    """`name` and `data`; there is no shared memory in-process."""

    def WhichOneof(self, _group: str) -> str:  # noqa: N802 - protobuf's own name
        return "data"


class StatusResult(Message):
    Failure: ClassVar = 0
    Success: ClassVar = 1


class BindingInfo(Message):
    undefined: ClassVar = 0
    out: ClassVar = 1
    inout: ClassVar = 2


class RpcHttpCookie(Message):
    class SameSite:
        Lax: ClassVar = "lax"
        Strict: ClassVar = "strict"
        ExplicitNone: ClassVar = "none"


# The runtime reads a member named None, which Python does not allow in a class body.
setattr(RpcHttpCookie.SameSite, "None", "")


class RpcHttp(Message): ...


class WorkerInitResponse(Message): ...


class WorkerMetadata(Message): ...


class RpcException(Message): ...


class RpcFunctionMetadata(Message): ...


class RpcRetryOptions(Message): ...


class FunctionMetadataResponse(Message): ...


class FunctionLoadResponse(Message): ...


class InvocationResponse(Message): ...


class NullableString(Message): ...


class NullableBool(Message): ...


class NullableDouble(Message): ...


class NullableTimestamp(Message): ...


class Timestamp(Message): ...
