"""The bodies of answers, as models: they give the JSON and its schema."""

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field

from shared.tracks.columns import KEYS, MODES, TIME_SIGNATURES
from shared.tracks.track import Track


class Record(BaseModel):
    """A record of a list: the six columns of the view `core`."""

    model_config = ConfigDict(extra="forbid")

    genre: str = Field(examples=["Dance"])
    artist_name: str = Field(examples=["Lana Del Rey"])
    track_name: str = Field(examples=["Pretty When You Cry"])
    track_id: str = Field(examples=["6PnluwP0fjGnpIBsqTdUTq"])
    popularity: int = Field(examples=[60])
    duration_ms: int = Field(examples=[234147])


class FullRecord(Record):
    """A record with all 18 columns; an audio feature that is not known is null."""

    acousticness: float | None = Field(examples=[0.42])
    danceability: float | None = Field(examples=[0.61])
    energy: float | None = Field(examples=[0.55])
    instrumentalness: float | None = Field(examples=[0.0001])
    key: str | None = Field(examples=["C#"], json_schema_extra={"enum": [*KEYS, None]})
    liveness: float | None = Field(examples=[0.11])
    loudness: float | None = Field(examples=[-6.7])
    mode: str | None = Field(examples=["Minor"], json_schema_extra={"enum": [*MODES, None]})
    speechiness: float | None = Field(examples=[0.04])
    tempo: float | None = Field(examples=[120.5])
    time_signature: str | None = Field(
        examples=["4/4"], json_schema_extra={"enum": [*TIME_SIGNATURES, None]}
    )
    valence: float | None = Field(examples=[0.3])

    @classmethod
    def of(cls, track: Track) -> "FullRecord":
        return cls.model_construct(**asdict(track))


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
