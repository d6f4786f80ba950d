"""Imports."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body
from chat.importing.formats import FORMATS

# Per import; the page has fields for 200 of each.
CHOICES_MAX = 10_000
Source = Annotated[str, Field(min_length=1, max_length=255)]
People = Annotated[
    dict[Source, Annotated[str, Field(min_length=1, max_length=64)]],
    Field(
        max_length=CHOICES_MAX,
        description="By id, name or address in the export: a username here, `-` (only a name) or `+` (a new account, "
        "`+ada` under that name).",
    ),
]
Rooms = Annotated[
    dict[Source, Annotated[str, Field(min_length=1, max_length=65)]],
    Field(
        max_length=CHOICES_MAX,
        description="By id or title in the export: a room here that the messages go into, `-` (left out) or `+` (a "
        "room of its own, as without an entry).",
    ),
]
Step = Literal["check", "start", "pause", "continue", "undo", "drop"]


class NewImport(Body):
    """An export of another chat. It is checked first, and imported when it is started."""

    format: Annotated[str, Field(pattern=f"^({'|'.join(FORMATS)})$", description=f"One of {', '.join(FORMATS)}.")]
    upload: (
        Annotated[str, Field(max_length=22, description="The id of an upload with the purpose `import`.")] | None
    ) = None
    path: Annotated[str, Field(max_length=1000, description="A path inside `CHAT_IMPORT_DIR`.")] | None = None
    zone: Annotated[str, Field(max_length=64, description="The time zone of local times.")] = ""
    day_first: Annotated[bool | None, Field(description="04/03/2024 is in March.")] = None
    room: Annotated[str, Field(max_length=255, description="Only this room; of an export of one room: its title.")] = ""
    people: People = {}
    rooms: Rooms = {}


class ImportStep(Body):
    """The next step of an import. `people` and `rooms` go with a check or a start."""

    people: People | None = None
    rooms: Rooms | None = None


class ProblemsQuery(BaseModel):
    """How the problems of an import are written."""

    format: Annotated[Literal["csv", "jsonl"], Field(description="For a spreadsheet, or JSON lines.")] = "csv"


class Import(BaseModel):
    """An import. `done` of `total` messages (0: unknown) of the running step, `rate` in a second, `left` in seconds
    (null: not known); `problem`: why it failed; `report`: what the check or the import found, `null` in lists."""

    id: int
    by: str
    format: str
    name: str
    state: Literal["checking", "checked", "importing", "paused", "done", "failed", "undoing", "undone", "dropped"]
    done: int
    total: int
    rate: int
    left: int | None
    problem: str
    created_at: str
    ended_at: str | None
    report: dict[str, Any] | None


class Imports(BaseModel):
    """Imports, the newest first."""

    imports: list[Import]


class NewMatch(Body):
    """Who somebody of an import is here."""

    account: Annotated[str, Field(min_length=1, max_length=65, description="The username of the account.")]


class Match(BaseModel):
    """A name of an import that is an account here. `done`: messages that went over; `problem`: why it failed; `by`
    null: by a command."""

    username: str
    account: str
    by: str | None
    state: Literal["moving", "done", "failed", "returning", "undone"]
    done: int
    problem: str
    created_at: str
    ended_at: str | None


class Matches(BaseModel):
    """Matches, the newest first."""

    people: list[Match]
