"""System lines and refusals in the reader's language. In the protocol they are English."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_noop, ngettext

from chat.lib.oneline import isolated
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import Message, SystemEvent

_TOLD: dict[SystemEvent, str] = {
    "joined": gettext_noop("%(name)s joined the room"),
    "left": gettext_noop("%(name)s left the room"),
    "added": gettext_noop("%(by)s added %(name)s to the room"),
    "kicked": gettext_noop("%(by)s removed %(name)s from the room"),
    "banned": gettext_noop("%(by)s banned %(name)s from the room"),
    "topic": gettext_noop("%(name)s changed the topic to %(to)s"),
    "renamed": gettext_noop("%(name)s renamed the room to %(to)s"),
    "cleared": gettext_noop("%(name)s cleared the history"),
    "owner": gettext_noop("%(name)s owns the room now"),
    "pinned": gettext_noop("%(name)s pinned a message"),
    "public": gettext_noop("%(name)s made the room public"),
    "private": gettext_noop("%(name)s made the room private"),
}
_TAKEN_AWAY: dict[SystemEvent, str] = {
    "topic": gettext_noop("%(name)s removed the topic"),
    "renamed": gettext_noop("%(name)s removed the title"),
}

_PROBLEMS = {
    "needs at least one visible character": gettext_noop("The message needs at least one visible character."),
    "must not contain the character NUL": gettext_noop("The message must not contain a NUL character."),
}


def system_line(message: Message, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a system line, built from its facts and people's shown `names`. Without known facts it keeps its text."""
    sentence, values = _system_facts(message, names)
    return (
        gettext(sentence) % {key: isolated(str(value)) for key, value in values.items()}
        if sentence
        else message.message
    )


def system_html(message: Message, names: Mapping[str, str]) -> str:
    """Return a system line as HTML, with the names of people in bold."""
    sentence, values = _system_facts(message, names)
    if not sentence:
        return escape(message.message)
    shown = {key: f"<bdi>{escape(str(value))}</bdi>" for key, value in values.items()}
    return escape(gettext(sentence)) % {key: one if key == "to" else f"<b>{one}</b>" for key, one in shown.items()}


def _system_facts(message: Message, names: Mapping[str, str]) -> tuple[str, dict[str, str | None]]:
    """The English sentence of the line and its values; "" when its facts are unknown."""
    facts = message.system or {}
    event = facts.get("event", "")
    sentence = (facts.get("to") == "" and _TAKEN_AWAY.get(event)) or _TOLD.get(event, "")
    values = {"name": _shown(facts.get("username"), names), "by": _shown(facts.get("by"), names), "to": facts.get("to")}
    missing = any(f"%({key})s" in sentence and value is None for key, value in values.items())
    return "" if missing else sentence, values


def _shown(username: str | None, names: Mapping[str, str]) -> str | None:
    return names.get(username.lower(), username) if username else username


def problem_line(problem: str) -> str:
    """Return why the content of a message was refused."""
    return gettext(_PROBLEMS[problem]) if problem in _PROBLEMS else f"The message {problem}."


def refusal_line(error: ChatError) -> str:
    """Return the translation of a refusal by rules or services; an unknown sentence stays as it is. A ban is shown with
    its end and its reason."""
    facts = error.fields or {}
    if error.code != Code.BANNED or not facts:
        return gettext(error.message)
    said = gettext(error.message)
    if until := facts.get("until"):
        at = localtime(datetime.fromisoformat(until))
        time = f"{date_format(at, 'SHORT_DATETIME_FORMAT')} {at.tzname()}"
        said = gettext("You are banned from this room until %(time)s.") % {"time": time}
    if reason := facts.get("reason"):
        said += " " + gettext("Reason: %(reason)s") % {"reason": isolated(reason)}
    return said


def too_fast_line(wait: float) -> str:
    """Return the refusal by a rate limit. `wait`: seconds until another attempt can succeed."""
    seconds = int(wait) + 1
    sentence = ngettext(
        "You are sending too fast. Try again in %(n)s second.",
        "You are sending too fast. Try again in %(n)s seconds.",
        seconds,
    )
    return sentence % {"n": seconds}
