"""The bodies of requests, as models: they validate, and give the JSON Schema.

The schema must accept exactly what is accepted: the tests send generated data of both kinds.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from shared.auth.credentials import MAX_EMAIL_LENGTH, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from shared.http.track_fields import column
from shared.tracks import genres
from shared.tracks.track import Track

_REFERENCE = {
    "genre": "Dance",
    "artist_name": "Lana Del Rey",
    "track_name": "Pretty When You Cry",
    "track_id": "6PnluwP0fjGnpIBsqTdUTq",
    "popularity": "60",
    "duration_ms": "234147",
}
_EMAIL, _PASSWORD = "ada@example.com", "correct horse"


def _example(**fields: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{**fields}]})


class Body(BaseModel):
    """A request's body; unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewTrack(Body):
    """A record to store. Whole numbers may come as texts; audio features may be left out."""

    model_config = _example(**_REFERENCE)

    genre: Annotated[str, column("genre")]
    artist_name: Annotated[str, column("artist_name")]
    track_name: Annotated[str, column("track_name")]
    track_id: Annotated[str, column("track_id")]
    popularity: Annotated[int, column("popularity")]
    duration_ms: Annotated[int, column("duration_ms")]
    acousticness: Annotated[float | None, column("acousticness")] = None
    danceability: Annotated[float | None, column("danceability")] = None
    energy: Annotated[float | None, column("energy")] = None
    instrumentalness: Annotated[float | None, column("instrumentalness")] = None
    key: Annotated[str | None, column("key")] = None
    liveness: Annotated[float | None, column("liveness")] = None
    loudness: Annotated[float | None, column("loudness")] = None
    mode: Annotated[str | None, column("mode")] = None
    speechiness: Annotated[float | None, column("speechiness")] = None
    tempo: Annotated[float | None, column("tempo")] = None
    time_signature: Annotated[str | None, column("time_signature")] = None
    valence: Annotated[float | None, column("valence")] = None

    def track(self) -> Track:
        return Track(**self.model_dump())


class Credentials(Body):
    """E-mail and password of a user."""

    model_config = _example(email=_EMAIL, password=_PASSWORD)

    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=4096)]


class NewUser(Body):
    """A new user. Roles are not part of it: an operator grants them."""

    model_config = _example(email=_EMAIL, password=_PASSWORD, displayName="Ada")

    email: Annotated[
        str, Field(min_length=3, max_length=MAX_EMAIL_LENGTH, pattern=r"^[^\s@]+@[^\s@]+$")
    ]
    password: Annotated[
        SecretStr, Field(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)
    ]
    display_name: Annotated[str, Field(alias="displayName", max_length=100)] = ""


class RefreshRequest(Body):
    """The refresh token of an earlier sign-in."""

    model_config = _example(refreshToken="AMf-vBx...")

    refresh_token: Annotated[SecretStr, Field(alias="refreshToken", min_length=1, max_length=8192)]


class Purge(Body):
    """The list to invalidate: a genre, or `all`."""

    model_config = _example(scope="Pop")

    scope: Annotated[str, Field(min_length=1, max_length=genres.MAX_GENRE_LENGTH)]
