"""The bodies of requests, as models: they validate, and give the JSON Schema.

The schema must accept exactly what is accepted: the tests send generated data of both kinds.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, create_model

from shared.auth.credentials import (
    MAX_EMAIL_LENGTH,
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
)
from shared.characters import CONTROL, FORMAT, ecma
from shared.http.track_fields import request_fields
from shared.tracks import genres
from shared.tracks.track import TRACK_COLUMNS, Track

_EMAIL, _PASSWORD = "ada@example.com", "correct horse"
_UNSEEN: Final = ecma(CONTROL + FORMAT)
_IN_EMAIL: Final = rf"[^\s@{_UNSEEN}]+"


def _example(**fields: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{**fields}]})


class Body(BaseModel):
    """A request's body; unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _TrackBody(Body):
    """A record to store. Whole numbers may come as texts; audio features may be left out."""

    model_config = _example(
        **{column.name: str(column.kind.example) for column in TRACK_COLUMNS if column.is_core}
    )

    def track(self) -> Track:
        return Track(**self.model_dump())


NewTrack = create_model(
    "NewTrack", __base__=_TrackBody, __doc__=_TrackBody.__doc__, **request_fields(TRACK_COLUMNS)
)


class Credentials(Body):
    """E-mail and password of a user."""

    model_config = _example(email=_EMAIL, password=_PASSWORD)

    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=4096)]


class NewUser(Body):
    """A new user. Roles are not part of it: an operator grants them."""

    model_config = _example(email=_EMAIL, password=_PASSWORD, displayName="Ada")

    email: Annotated[
        str,
        Field(
            min_length=3,
            max_length=MAX_EMAIL_LENGTH,
            pattern=r"^[^\s@]+@[^\s@]+$",
            json_schema_extra={"pattern": f"^{_IN_EMAIL}@{_IN_EMAIL}$"},
        ),
    ]
    password: Annotated[
        SecretStr, Field(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)
    ]
    display_name: Annotated[
        str,
        Field(
            alias="displayName",
            max_length=100,
            # It also refuses the two joiners, which are accepted between letters that they shape.
            json_schema_extra={"pattern": f"^[^{_UNSEEN}]*$"},
        ),
    ] = ""


class RefreshRequest(Body):
    """The refresh token of an earlier sign-in."""

    model_config = _example(refreshToken="AMf-vBx...")

    refresh_token: Annotated[SecretStr, Field(alias="refreshToken", min_length=1, max_length=8192)]


class Purge(Body):
    """The list to invalidate: a genre, or `all`."""

    model_config = _example(scope="Pop")

    scope: Annotated[str, Field(min_length=1, max_length=genres.MAX_SPELLING_LENGTH)]
