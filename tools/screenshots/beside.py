"""The room with panes beside a conversation: a thread, pins, saved messages, an edit, a quote, and schedules."""

from datetime import datetime, timedelta

from django.utils import timezone

from chat.models import Participant
from chat.services.forwarding import Origin
from chat.services.messages import message_edit, message_react
from chat.services.pins import message_pin
from chat.services.posting import Draft, Posted, messages_post
from chat.services.saved import message_save
from chat.services.scheduling import schedule_make
from tools.screenshots.cast import CHARTS, MODERATOR, VIEWER

SURVEY = """The survey of the north channel is back. Depths are in [the notes](https://example.org/depths):
- 4.2 m at the old mark, 3.8 m at the wreck
- nothing below 3.5 m
- the **second buoy** has moved by eleven metres"""
ZONE = "Europe/London"


def fill_chart_room() -> None:
    """Post and mark everything; the room and its members exist."""
    survey = _say("hana", SURVEY)
    plan = _say("teodor", "We sail at seven if the wind stays below 20 knots.")
    _say("kwame", "Page 3: that is the old threshold.", thread=survey)
    _say("omar", "Fixed in main, and in the copy on the boat.", thread=survey)
    _say("hana", f"@{VIEWER} can you tag it before we cast off?", thread=survey)
    asked = _say(VIEWER, "Who has the key of the chart room?")
    _say("lucia", "Me. I am there until five.", thread=asked)
    message_edit(user=_of("teodor"), room=CHARTS, seq=plan, text="We sail at eight if the wind stays below 25 knots.")
    (sent,) = messages_post(
        [Draft(_of("omar"), CHARTS, "From the other room, for the log.", origin=Origin("pier-4", 1))]
    )
    assert isinstance(sent, Posted), sent
    mine = _say(VIEWER, "I print the checklist, two copies.")
    for name, sign in (("hana", "👍"), ("omar", "👍"), ("kwame", "🖨️")):
        message_react(user=_of(name), room=CHARTS, seq=mine, emoji=sign, on=True)
    for seq in (survey, plan):
        message_pin(user=_of(MODERATOR), room=CHARTS, seq=seq, on=True)
    tomorrow = timezone.now() + timedelta(days=1)
    message_save(user=_of(VIEWER), room=CHARTS, seq=survey)
    message_save(user=_of(VIEWER), room=CHARTS, seq=plan, remind_at=_at(tomorrow, 9), tz=ZONE)
    message_save(user=_of(VIEWER), room=CHARTS, seq=mine, done=True)
    for hour, text in ((7, "Good morning! Who is on board at eight?"), (18, "Tides for the week: see the board.")):
        schedule_make(user=_of(VIEWER), room=CHARTS, text=text, at=_at(tomorrow, hour), zone=ZONE)


def _at(day: datetime, hour: int) -> str:
    """A local time."""
    return f"{day:%Y-%m-%d}T{hour:02}:00"


def _say(author: str, text: str, *, thread: int | None = None) -> int:
    (outcome,) = messages_post([Draft(_of(author), CHARTS, text, thread=thread, in_room=thread is None)])
    assert isinstance(outcome, Posted), outcome
    return outcome.seq


def _of(username: str) -> Participant:
    return Participant.objects.get(username=username)
