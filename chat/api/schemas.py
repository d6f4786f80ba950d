"""Bodies and queries of requests, and responses that are not events of the protocol."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from chat.protocol.commands import HISTORY_LIMIT, Outcome, Posting, Presence, Role
from chat.protocol.events import RoomEntry, UserEntry
from chat.protocol.fields import (
    FILE_DESCRIPTION_MAX,
    FILE_NAME_MAX,
    Cursor,
    Description,
    DeviceName,
    FileIds,
    KeepDays,
    Minutes,
    Moment,
    Reason,
    Seq,
    ShortText,
    SlowSeconds,
    Slug,
    Sought,
    StatusEmoji,
    StatusText,
    Text,
    Title,
    Token,
    Username,
    text_beside,
)

RoomKind = Literal["public", "private"]
Scope = Literal["read", "write", "moderate"]
Notify = Literal["default", "all", "mentions", "nothing"]
LONGEST_WAIT_SECONDS = 30


def _digits(value: object) -> object:
    """Accept digits only: pydantic's lax mode also takes "1.0" and "1
    " as numbers, so that DELETE …/1.0 deleted message 1.
    """
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


def _is_false(value: object) -> bool:
    return value is False


Digits = BeforeValidator(_digits)


class Body(BaseModel):
    """Base of all bodies."""

    # Strict: "5" is not a number. Unknown fields are refused, because a misspelt one would otherwise be ignored.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Credentials(Body):
    """A username and a password."""

    username: Annotated[str, Field(max_length=150)]
    password: Annotated[str, Field(max_length=4096)]


class NewMessage(Body):
    """A message to post. With a `client_id` it is safe to send again; `reply_to` is the `seq` of another message,
    `files` are ids of files that you uploaded. With files the text may be empty."""

    files: FileIds = []
    message: str
    client_id: Token | None = None
    reply_to: Seq | None = None

    @field_validator("message")
    @classmethod
    def _visible(cls, text: str, info: ValidationInfo) -> str:
        return text_beside(bool(info.data.get("files", True)))(text)


class GroupPost(NewMessage):
    """A message to a group conversation of the caller and 2 to 9 other people."""

    to: Annotated[list[Username], Field(min_length=1, max_length=50)]


class EditedMessage(Body):
    """The new text of a message."""

    message: Text


class FileChange(Body):
    """Fields that are left out stay as they are."""

    name: Annotated[str, Field(min_length=1, max_length=FILE_NAME_MAX)] | None = None
    description: Annotated[str, Field(max_length=FILE_DESCRIPTION_MAX)] = ""


class NewRoom(Body):
    """Without `room` its slug is derived from the title."""

    room: Slug | None = None
    title: Title = ""
    topic: ShortText = ""
    kind: RoomKind = "public"


class RoomChange(Body):
    """Fields that are left out stay as they are."""

    title: Title = ""
    topic: ShortText = ""
    description: Description = ""
    archived: bool = False
    posting: Posting = "everyone"
    slow_seconds: SlowSeconds = 0
    keep_days: Annotated[KeepDays | None, Field(description="null or 0: for ever")] = None


class NewStatus(Body):
    """Fields that are left out stay; null or "" takes a value away."""

    emoji: StatusEmoji | None = None
    text: StatusText | None = None
    until: Annotated[Moment | None, Field(description="When it ends: ISO 8601 with an offset. null: it stays.")] = None
    presence: Presence = "auto"


class ProfileChange(Body):
    """Fields that are left out stay."""

    pronouns: Annotated[str, Field(max_length=32)] = ""
    title: Annotated[str, Field(max_length=64)] = ""
    about: Annotated[str, Field(max_length=160)] = ""
    phone: Annotated[str, Field(max_length=32)] = ""
    time_zone: Annotated[str, Field(max_length=64, description="A name of the IANA database: Europe/Berlin.")] = ""


class NewReport(Body):
    """Why a message is reported."""

    reason: Reason


class ReportOutcome(Body):
    """What was done about it."""

    outcome: Outcome


class NewToken(Body):
    """A token of one's own. `expires_in` in seconds; without it, it does not end."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_in: Annotated[int, Field(ge=60, le=10 * 365 * 24 * 3600)] | None = None


class Preferences(Body):
    """Fields that are left out stay as they are. `default`: your setting for all rooms."""

    notify: Notify | None = None
    muted: bool | None = None


class MemberChange(Body):
    """People are added as members; pass `role` to change that."""

    role: Role | None = None


class Expulsion(Body):
    """Without `minutes`: permanently."""

    minutes: Minutes | None = None
    reason: ShortText = ""


class Muting(Body):
    """How long, and why."""

    minutes: Minutes
    reason: ShortText = ""


class ReadUpTo(Body):
    """The `seq` of the last message that was read."""

    seq: Seq


class PushKeys(Body):
    """The keys of the browser's subscription, as base64url."""

    p256dh: Annotated[str, Field(max_length=100)]
    auth: Annotated[str, Field(max_length=32)]


class NewSubscription(Body):
    """A browser's `PushSubscription`, as `toJSON()` gives it, and a name for the device."""

    endpoint: Annotated[str, Field(max_length=2_000)]
    keys: PushKeys
    name: DeviceName = ""
    expirationTime: float | int | None = None


class PageQuery(BaseModel):
    """One of before, after and around: a `seq`. None of them: the newest page."""

    before: Annotated[Seq, Digits] | None = None
    after: Annotated[Cursor, Digits] | None = None
    around: Annotated[Seq, Digits] | None = None
    limit: Annotated[int, Digits, Field(ge=1, le=HISTORY_LIMIT)] | None = None

    @model_validator(mode="after")
    def _one_direction(self) -> "PageQuery":
        if sum(bound is not None for bound in (self.before, self.after, self.around)) > 1:
            raise ValueError("give one of before, after and around")
        return self


class ChangesQuery(BaseModel):
    """Where to start, and how long to wait for a change."""

    after_rev: Annotated[Cursor, Digits, Field(description="The last `rev` you know.")]
    wait: Annotated[
        float, Field(ge=0, le=LONGEST_WAIT_SECONDS, allow_inf_nan=False, description="Seconds to wait for a change.")
    ] = 0
    epoch: Annotated[str | None, Field(max_length=64, description="The `epoch` of `me` that the number is from.")] = (
        None
    )


class RoomsQuery(BaseModel):
    """Which rooms to list."""

    scope: Annotated[Literal["mine", "public"], Field(description="Your rooms, or those to browse.")] = "mine"


class RecordsQuery(BaseModel):
    """Where the page begins."""

    before: Annotated[Seq | None, Digits, Field(description="The `id` of the last entry that you have.")] = None


class SearchQuery(BaseModel):
    """What to look for, and where to go on."""

    q: Annotated[str, Field(description="Words, phrases and filters.")] = ""
    limit: Annotated[int, Digits, Field(ge=1, le=HISTORY_LIMIT)] | None = None
    after: Annotated[str | None, Field(max_length=64, description="`next` of the page before.")] = None
    tz: Annotated[str, Field(max_length=64, description="The time zone of the days in `q`, by its name.")] = ""
    public: Annotated[bool, Field(description="Also in public rooms that you have not joined.")] = False


class ReportsQuery(RecordsQuery):
    """Where the page begins, and which reports."""

    closed: Annotated[bool, Field(description="Those that were handled, instead of the open ones.")] = False


class PeopleQuery(BaseModel):
    """The people to look for."""

    q: Annotated[Sought, Field(description="How a username or a shown name begins.")] = ""


class AccessToken(BaseModel):
    """A JWT, to be sent as `Authorization: Bearer …`; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- a kind of token
    expires_in: int


class TicketIssued(BaseModel):
    """A ticket, valid once; `expires_in` is in seconds."""

    ticket: str
    expires_in: int


class Me(BaseModel):
    """The caller."""

    user_id: int
    username: str
    display_name: str
    staff: bool
    epoch: str


class PushKey(BaseModel):
    """The server's public key, as base64url."""

    public_key: str


class Registered(BaseModel):
    """The id of the subscription."""

    id: int


class Subscription(BaseModel):
    """A device that takes notifications."""

    id: int
    name: str
    created_at: str
    last_sent_at: str | None


class Subscriptions(BaseModel):
    """Your devices."""

    subscriptions: list[Subscription]


class MyRooms(BaseModel):
    """The rooms of the caller."""

    rooms: list[RoomEntry]


class PublicRoom(BaseModel):
    """A room that everyone can join."""

    room: str
    title: str
    topic: str
    kind: str
    members: int
    joined: bool


class PublicRooms(BaseModel):
    """The rooms that everyone can join."""

    rooms: list[PublicRoom]


class RoomView(BaseModel):
    """A room as one person sees it; the last five fields are null for a person who is not a member."""

    room: str
    title: str
    topic: str
    kind: str
    archived: bool
    description: str
    # Who may write: `everyone` or `moderators`.
    posting: str
    # Seconds between two messages of a member; 0: no limit.
    slow_seconds: int
    # null: for ever.
    keep_days: int | None
    seq: int
    rev: int
    members: int
    joined: bool
    # The other person of a direct room.
    username: str | None
    show_username: bool = Field(default=False, exclude_if=_is_false)
    role: str | None
    notify: str | None
    read_seq: int | None
    muted_until: str | None
    # Left out while the person's setting for all rooms applies.
    notify_level: str | None = Field(default=None, exclude_if=lambda level: level in (None, "default"))
    muted: bool = Field(default=False, exclude_if=lambda muted: not muted)


class Members(BaseModel):
    """The members of a room."""

    members: list[UserEntry]


class Member(BaseModel):
    """A member of a room."""

    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=_is_false)
    role: str
    muted_until: str | None


class Person(BaseModel):
    """A person to write to."""

    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=_is_false)
    user_id: int


class BlockedPeople(BaseModel):
    """The usernames of the people whom the caller blocks."""

    people: list[str]


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


class People(BaseModel):
    """People to write to."""

    people: list[Person]
