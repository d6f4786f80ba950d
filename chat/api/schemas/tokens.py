"""Signing in: credentials, tokens and tickets."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body

Scope = Literal["read", "write", "moderate"]


class Credentials(Body):
    """A username and a password."""

    username: Annotated[str, Field(max_length=150)]
    password: Annotated[str, Field(max_length=4096)]


class AccessToken(BaseModel):
    """A JWT, to be sent as `Authorization: Bearer …`; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- a kind of token
    expires_in: int


class TicketIssued(BaseModel):
    """A ticket, valid once; `expires_in` is in seconds."""

    ticket: str
    expires_in: int


class NewToken(Body):
    """A token of one's own. `expires_in` in seconds; without it, it does not end."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_in: Annotated[int, Field(ge=60, le=10 * 365 * 24 * 3600)] | None = None


class OwnToken(BaseModel):
    """A token of the caller, without its secret."""

    id: int
    name: str
    hint: str
    scopes: list[str]
    created_at: str
    last_used_at: str | None
    expires_at: str | None


class IssuedToken(OwnToken):
    """A new token: `token` is sent this once."""

    token: str


class OwnTokens(BaseModel):
    """The tokens of the caller that can be used."""

    tokens: list[OwnToken]
