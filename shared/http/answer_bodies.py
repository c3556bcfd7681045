"""The bodies of answers, as models: they give the JSON and its schema."""

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.cache.status import ListStatus, ProcessStatus, Reachable
from shared.http.track_fields import answer_fields
from shared.tracks.track import TRACK_COLUMNS, Track


class _RecordBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @classmethod
    def of(cls, track: Track) -> "_RecordBody":
        return cls.model_construct(**asdict(track))


Record = create_model(
    "Record",
    __base__=_RecordBody,
    __doc__="A record of a list: the six columns of the view `core`.",
    **answer_fields([column for column in TRACK_COLUMNS if column.is_core]),
)
FullRecord = create_model(
    "FullRecord",
    __base__=_RecordBody,
    __doc__="A record with all 18 columns; an audio feature that is not known is null.",
    **answer_fields(TRACK_COLUMNS),
)


class SignedUpUser(BaseModel):
    """The new user."""

    uid: str = Field(examples=["9fQ2hZ1p0aVb3cXy"])
    email: str = Field(examples=["ada@example.com"])


class TokenAnswer(BaseModel):
    """The tokens of a sign-in. `expiresIn` is in seconds."""

    id_token: str = Field(serialization_alias="idToken", examples=["eyJhbGciOi..."])
    refresh_token: str = Field(serialization_alias="refreshToken", examples=["AMf-vBx..."])
    expires_in: int = Field(serialization_alias="expiresIn", examples=[3600])
    token_type: str = Field("Bearer", serialization_alias="tokenType")
    uid: str = Field(examples=["9fQ2hZ1p0aVb3cXy"])


class Purged(BaseModel):
    """The list that was invalidated: `all`, or a genre in its stored spelling."""

    scope: str = Field(examples=["Pop"])


class Greeting(BaseModel):
    message: str = Field(examples=["Hello, Ada!"])


class About(BaseModel):
    """Name, version and commit of what runs here."""

    name: str = Field(examples=["smart-cache"])
    version: str = Field(examples=["1.0.0"])
    commit: str = Field(examples=["0c95afa"])


class Health(BaseModel):
    """`sql` and `redis`: `up` or `down`; `redis` may be `not used`. `status` is that of SQL."""

    status: str = Field(examples=["up"])
    sql: str = Field(examples=["up"])
    redis: str = Field(examples=["up"])
    identity: str = Field(examples=["set up"])


class Instance(BaseModel):
    """Which process answers, and since when it runs."""

    id: str = Field(examples=["local"])
    process_id: int = Field(examples=[4242])
    running_seconds: float = Field(examples=[3600.5])
    version: str = Field(examples=["1.0.0"])
    commit: str = Field(examples=["0c95afa"])


class Status(BaseModel):
    """The state of SQL and Redis, every list, and the process that answers.

    Lists are read at most once a second in each process.
    """

    sql: Reachable
    redis: Reachable
    epoch: str
    lists: list[ListStatus]
    process: ProcessStatus
    instance: Instance


class FieldProblem(BaseModel):
    """An invalid field of a request's body: its name, and what is wrong with it."""

    field: str = Field(examples=["popularity"])
    message: str = Field(examples=["out of range"])


class Problem(BaseModel):
    """RFC 9457: what went wrong, for programs (`type`) and for people (`title`, `detail`)."""

    type: str = Field(examples=["/docs#malformed-request"])
    title: str = Field(examples=["Malformed request"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["The parameter 'limit' must be a number from 1 to 10000."])
    instance: str = Field(examples=["urn:request:2b7c1f0e9a3d4c58"])


class FieldsProblem(Problem):
    """A problem with an entry for every invalid field."""

    errors: list[FieldProblem]


class HealthProblem(Problem):
    """A problem with the state of each part."""

    sql: str = Field(examples=["down"])
    redis: str = Field(examples=["up"])
    identity: str = Field(examples=["set up"])
