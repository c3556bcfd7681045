"""What crosses the HTTP border. Records obey the same rules as those that a file brings."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from shared.catalog import genres
from shared.catalog.tables import MAX_ARTIST_LENGTH, MAX_TITLE_LENGTH, TRACK_ID_LENGTH
from shared.catalog.track import COLUMNS, Track
from shared.ingest.columns import KEYS, MODES, REAL_RANGES, TIME_SIGNATURES, WHOLE_RANGES
from shared.ingest.fields import Parser, parsers
from shared.ingest.rejected import Refused

_RULES: Final[dict[str, Parser]] = dict(zip(COLUMNS, parsers(), strict=True))
_NUMBERS: Final = WHOLE_RANGES.keys() | REAL_RANGES.keys()


def _number(kind: str, low: float, high: float) -> WithJsonSchema:
    pattern = r"^\s*-?[0-9]+\s*$" if kind == "integer" else r"^\s*-?[0-9]+"
    number = {"type": kind, "minimum": low, "maximum": high}
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": pattern}]})


def _optional_number(column: str) -> WithJsonSchema:
    low, high = REAL_RANGES[column]
    return WithJsonSchema({"type": ["number", "null"], "minimum": low, "maximum": high})


def _one_of(values: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "null"], "enum": [*values, None]})


class Body(BaseModel):
    """A request's body: unknown fields are refused with their names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Unit = Annotated[float | None, _optional_number("energy")]


class NewTrack(Body):
    """A record to store. Numbers may come as texts; audio features may be left out."""

    genre: Annotated[str, Field(min_length=1, max_length=genres.MAX_GENRE_LENGTH)]
    artist_name: Annotated[str, Field(min_length=1, max_length=MAX_ARTIST_LENGTH)]
    track_name: Annotated[str, Field(min_length=1, max_length=MAX_TITLE_LENGTH)]
    track_id: Annotated[str, Field(pattern=f"^[0-9A-Za-z]{{{TRACK_ID_LENGTH}}}$")]
    popularity: Annotated[int, _number("integer", *WHOLE_RANGES["popularity"])]
    duration_ms: Annotated[int, _number("integer", *WHOLE_RANGES["duration_ms"])]
    acousticness: Unit = None
    danceability: Unit = None
    energy: Unit = None
    instrumentalness: Unit = None
    key: Annotated[str | None, _one_of(KEYS)] = None
    liveness: Unit = None
    loudness: Annotated[float | None, _optional_number("loudness")] = None
    mode: Annotated[str | None, _one_of(MODES)] = None
    speechiness: Unit = None
    tempo: Annotated[float | None, _optional_number("tempo")] = None
    time_signature: Annotated[str | None, _one_of(TIME_SIGNATURES)] = None
    valence: Unit = None

    @field_validator("*", mode="before")
    @classmethod
    def _obey_the_column(cls, value: Any, info: ValidationInfo) -> Any:
        column = info.field_name or ""
        if value is None:
            return None
        if column == "genre":
            return _genre(value)
        try:
            return _RULES[column](_as_number(value) if column in _NUMBERS else _as_text(value))
        except Refused as refused:
            raise ValueError(str(refused).removeprefix(f"{column}: ")) from None

    def track(self) -> Track:
        return Track(**self.model_dump())


class StoredTrack(NewTrack):
    """A record as it is stored, under the stored spelling of its genre."""

    @classmethod
    def of(cls, track: Track) -> "StoredTrack":
        return cls.model_construct(**asdict(track))


class Credentials(Body):
    """What `/login` takes."""

    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=4096)]


class NewUser(Body):
    """What `/signup` takes. Roles are granted, never taken."""

    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[SecretStr, Field(min_length=8, max_length=128)]
    display_name: Annotated[str, Field(alias="displayName", max_length=100)] = ""


class RefreshRequest(Body):
    """What `/token` takes."""

    refresh_token: Annotated[SecretStr, Field(alias="refreshToken", min_length=1, max_length=8192)]


class SignedUpUser(BaseModel):
    """What `/signup` answers."""

    uid: str
    email: str


class TokenAnswer(BaseModel):
    """What `/login` and `/token` answer. `expiresIn` is in seconds."""

    id_token: str = Field(serialization_alias="idToken")
    refresh_token: str = Field(serialization_alias="refreshToken")
    expires_in: int = Field(serialization_alias="expiresIn")
    token_type: str = Field("Bearer", serialization_alias="tokenType")
    uid: str


class Purge(Body):
    """What `/cache/purge` takes: a genre, or `all`."""

    scope: Annotated[str, Field(min_length=1, max_length=genres.MAX_GENRE_LENGTH)]


def _genre(value: Any) -> str:
    """A genre as the API takes it: unlike a file's, it may bring marks that NFC composes."""
    name = genres.tidy(_as_text(value))
    if objection := genres.objection(name):
        raise ValueError(objection)
    return name


def _as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 -- pydantic reports ValueError alone
    return value


def _as_number(value: Any) -> str:
    """A number, or a text that holds one, as the reference payload has it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number")  # noqa: TRY004 -- likewise
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else repr(value)
