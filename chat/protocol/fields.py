"""Types of fields in frames, validated when they are parsed."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from chat.lib.oneline import is_one_line, is_visible, tidy
from chat.protocol.emoji import NAME_PATTERN, named, one_form

# Above 2^53 a JavaScript number is no longer exact.
LARGEST_NUMBER = 2**53
EMOJI_CHARS = 32
TITLE_MAX = 100
SHORT_TEXT_MAX = 500
DEVICE_NAME_MAX = 64
DESCRIPTION_MAX = 1000
SLOW_SECONDS_MAX = 24 * 3600
KEEP_DAYS_MAX = 3650
STATUS_MAX = 80

# Blank characters that Unicode classifies as letters, symbols and marks: fillers, the empty braille pattern, variation
# selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
# One emoji of any length, by the classes of its characters: a flag of two letters, or symbols (s), each with selector
# (v), skin tone (m) and tags (t), joined (j) to one.
_ONE_EMOJI = re.compile("ff|[sm]v?m?t*(?:j[sm]v?m?t*)*")
_EMOJI_PARTS = re.compile(
    "(?P<j>\u200d)|(?P<v>[\ufe0e\ufe0f])|(?P<m>[🏻-🏿])|(?P<f>[🇦-🇿])|(?P<t>[\U000e0020-\U000e007f])"
)


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    return text


def visible(text: str) -> str:
    """The text, if anything of it is visible.

    Raises:
        ValueError: only spaces, control characters and blanks.
    """
    # Most texts begin with an ASCII letter, digit or mark: these need no check of each character.
    if "!" <= text[:1] <= "~" or any(
        unicodedata.category(char)[0] not in "ZC" and not _BLANK.match(char) for char in text
    ):
        return _storable(text)
    raise ValueError("needs at least one visible character")


def _post_text(text: str, model: ValidationInfo) -> str:
    # Invalid files are not in `data`: their problem is reported, not one of the text.
    return _storable(text) if model.data.get("files", True) else visible(text)


def _file_ids(ids: list[str]) -> list[str]:
    if not all(re.fullmatch(FILE_ID, one, re.ASCII) for one in ids):
        raise ValueError("must be ids of uploaded files")
    if len(set(ids)) < len(ids):
        raise ValueError("names a file twice")
    return ids


def _line(max_length: int) -> AfterValidator:
    """One line of visible text in its normal form, or ""."""

    def check(text: str) -> str:
        line = tidy(text)
        if problem := line_problem(line, max_length):
            raise ValueError(problem)
        return line

    return AfterValidator(check)


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
        # In UTC it can be before the first year, or after the last.
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError("must be a time with its offset, as ISO 8601 has it")
    return text


def _clock_time(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or len(text) < len("2026-11-28T09:00"):
        raise ValueError("must be the time of a clock, as 2026-11-28T09:00")
    return f"{at:%Y-%m-%dT%H:%M}" if at.second == 0 else f"{at:%Y-%m-%dT%H:%M:%S}"


def local_moment(text: str) -> str:
    """A time as ISO 8601 has it, with or without its offset.

    Raises:
        ValueError: it is none, or one that is out of the calendar in another zone.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or not 1 < at.year < 9999:
        raise ValueError("must be a time, as ISO 8601 has it")
    return text


def lines_of(text: str) -> str:
    """Several lines, each in its normal form, without empty ones around them.

    Raises:
        ValueError: the problem of a line; see `line_problem`.
    """
    lines = [tidy(line) for line in _storable(text).splitlines()]
    for line in lines:
        if problem := line_problem(line, DESCRIPTION_MAX):
            raise ValueError(problem.replace("must be one line", "must be"))
    return "\n".join(lines).strip("\n")


def line_problem(line: str, max_length: int) -> str:
    """The problem of one line; see `chat.lib.oneline`."""
    if len(line) > max_length:
        return f"must have at most {max_length} characters"
    if not is_one_line(line):
        return "must be one line without control and formatting characters"
    return "" if not line or is_visible(line) else "needs at least one visible character"


def one_emoji(text: str) -> str:
    """The normal form of an emoji. Letters and digits are only allowed as keycaps; new emoji need no new table."""
    if not (_KEYCAP.fullmatch(text) or _ONE_EMOJI.fullmatch("".join(map(_emoji_part, text)))):
        raise ValueError("must be one emoji")
    form = one_form(text)
    if len(form) > EMOJI_CHARS:
        raise ValueError(f"must have at most {EMOJI_CHARS} characters")
    return form


def _reaction(text: str) -> str:
    """A Unicode emoji in its normal form, or `:name:` of a custom one."""
    return text if named(text) else one_emoji(text)


def _emoji_part(char: str) -> str:
    if part := _EMOJI_PARTS.match(char):
        return str(part.lastgroup)
    # Cn: unassigned, in the Unicode version of this Python. U+FFFD replaces bytes that are not text.
    category = unicodedata.category(char)
    symbol = (category[0] in "SP" or category == "Cn") and not char.isascii()
    return "s" if symbol and char != "\ufffd" and not _BLANK.match(char) else "?"


Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
# A name of a room in URLs; "": its slug.
RoomAddress = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
Seq = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Cursor = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
# Messages per page.
PageSize = Annotated[int, Field(ge=1, le=100)]
Text = Annotated[str, AfterValidator(visible)]
# For a model that declares `files` before it: with files the text may be empty.
PostText = Annotated[str, AfterValidator(_post_text)]
DraftText = Annotated[str, AfterValidator(_storable)]
Title = Annotated[str, Field(max_length=TITLE_MAX), _line(TITLE_MAX)]
DeviceName = Annotated[str, Field(max_length=DEVICE_NAME_MAX), _line(DEVICE_NAME_MAX)]
# Topics, and reasons, which are part of system lines.
ShortText = Annotated[str, Field(max_length=SHORT_TEXT_MAX), _line(SHORT_TEXT_MAX)]
Description = Annotated[str, Field(max_length=DESCRIPTION_MAX), AfterValidator(lines_of)]
SlowSeconds = Annotated[int, Field(ge=0, le=SLOW_SECONDS_MAX)]
KeepDays = Annotated[int, Field(ge=0, le=KEEP_DAYS_MAX)]
StatusEmoji = Annotated[str, Field(max_length=EMOJI_CHARS), AfterValidator(lambda text: text and one_emoji(text))]
StatusText = Annotated[str, Field(max_length=STATUS_MAX), _line(STATUS_MAX)]
Reason = Annotated[str, Field(min_length=1, max_length=SHORT_TEXT_MAX), _line(SHORT_TEXT_MAX), AfterValidator(visible)]
Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]
# A local time, and the name of its zone.
ClockTime = Annotated[str, Field(max_length=19), AfterValidator(_clock_time)]
Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_storable)]
Fold = Annotated[int, Field(ge=0, le=1)]
LocalMoment = Annotated[str, Field(max_length=40), AfterValidator(local_moment)]
Sought = Annotated[str, Field(max_length=64), AfterValidator(_storable)]
Token = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(visible)]
# Files of one message; `CHAT_FILES_PER_MESSAGE` may allow fewer.
FILES_MAX = 10
FILE_NAME_MAX = 255
FILE_DESCRIPTION_MAX = 500
FILE_ID = "[A-Za-z0-9_-]{22}"
FileIds = Annotated[list[str], Field(max_length=FILES_MAX), AfterValidator(_file_ids)]
Emoji = Annotated[str, Field(min_length=1, max_length=EMOJI_CHARS + 2), AfterValidator(_reaction)]
EmojiName = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")]
# A URL as in a preview.
LinkUrl = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_storable)]
Username = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_storable)]
Recipients = Annotated[list[Username], Field(min_length=1, max_length=50)]
Minutes = Annotated[int, Field(ge=1, le=525_600)]
