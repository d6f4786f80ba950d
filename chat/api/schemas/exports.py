"""Exports."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body, Moment
from chat.protocol.fields import Slug


class NewExport(Body):
    """What to export: `all` and `public` are for administrators, `room` for its owners, `person` is what one person
    wrote and uploaded, by default yourself."""

    scope: Literal["all", "public", "room", "person"]
    room: Annotated[Slug, Field(description="Of the scope `room`.")] | None = None
    person: Annotated[str, Field(max_length=64, description="A username, of the scope `person`.")] | None = None
    since: Annotated[Moment, Field(description="Only messages of this time and later.")] | None = None
    files: Annotated[bool, Field(description="With the bytes of files.")] = True
    format: Annotated[Literal["archive", "html"], Field(description="JSON lines, or pages to read.")] = "archive"


class ExportPassword(Body):
    """The password of the account."""

    password: Annotated[str, Field(max_length=4096)]


class ExportProof(BaseModel):
    """Goes into the address of the download, for `expires_in` seconds."""

    proof: str
    expires_in: int


class DownloadQuery(BaseModel):
    """What a session adds to the address."""

    proof: Annotated[str, Field(max_length=500)] = ""


class Export(BaseModel):
    """An export. `done` of `total` messages (0: unknown) are written, `rate` in a second, `left` in seconds (null: not
    known); `size` in bytes; `problem`: why it failed; `asks_password`: a session gives it to download."""

    id: int
    by: str
    asks_password: bool
    scope: str
    room: str | None
    person: str | None
    since: str | None
    files: bool
    format: str
    state: Literal["preparing", "ready", "failed", "expired"]
    done: int
    total: int
    rate: int
    left: int | None
    size: int
    problem: str
    created_at: str
    ready_at: str | None
    expires_at: str | None


class Exports(BaseModel):
    """Exports, the newest first."""

    exports: list[Export]
