"""The workspace of the scenes: what `manage.py demo` makes, and a room with every kind of content."""

from datetime import datetime, timedelta
from io import StringIO

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from chat.models import Membership, Mention, Message, Participant, Reaction, Room
from chat.services.mentions import named_in
from chat.services.moderation import member_ban
from chat.services.posting import Draft, Posted, messages_post, new_message
from chat.services.profile import profile_update
from chat.services.rooms import room_create
from support.password import PASSWORD
from tools.screenshots.beside import fill_chart_room
from tools.screenshots.cast import BANNED, CHARTS, MEMBER, MODERATOR, NEWCOMER, TRIAL, VIEWER

DEMO_MESSAGES = 900
# Unread messages of the viewer in the field trial.
UNREAD = 4

CODE = """The gateway asks for what it missed now, instead of starting over.
```python
async def resume(self, cursor: int) -> None:
    async for reading in self.log.after(cursor, limit=200):
        await self.uplink.send(reading)  # in order
```"""
RESULT = """Same load, before and after. Write-up is in [the trial notes](https://example.org/notes), in short:
- fewer wake-ups
- *one* frame for many readings
- no retry on top of a ~~retry~~ queue"""
QUOTE = """> Nobody goes out above 25 knots.
That is what the plan says, and the forecast says 27."""
LOG = "The whole log, for those who asked:\n" + "\n".join(
    f"{10 + minute // 60:02}:{minute % 60:02}  buoy {minute % 3 + 1}  {11.8 + minute % 7 / 10:.1f} V"
    for minute in range(48)
)


def workspace() -> None:
    """The demo, the same each time, and the rooms in which the states of the product can be seen."""
    call_command("demo", messages=DEMO_MESSAGES, seed=7, stdout=StringIO())
    User.objects.create(username=NEWCOMER)
    profile_update(user=Participant.objects.get(username=NEWCOMER), display_name="Noor Aziz")
    User.objects.update(password=make_password(PASSWORD))
    _field_trial()
    viewer = Participant.objects.get(username=VIEWER)
    _room("onboarding", [VIEWER])
    _room("hiring", [VIEWER, "hana"], kind=Room.Kind.PRIVATE)
    _room("support-rota", [VIEWER, "lucia"], topic="Who answers the harbour office this week")
    Membership.objects.filter(user=viewer, room__slug="support-rota").update(notify="mentions")
    _room("workbench", ["bjarne", "omar"], topic="What is on the bench, and whose it is")
    _say("workbench", "omar", "The torque wrench is back, with new tape.")
    _room("pier-4", [MODERATOR, VIEWER], topic="Berth, crane and trailer")
    _say("pier-4", MODERATOR, "The crane is ours until noon.")
    _room("attic", [MODERATOR, MEMBER])
    sailors = [VIEWER, MODERATOR, "saoirse", "kwame", "lucia", "hana", "omar"]
    _room(CHARTS, sailors, title="Chart room", topic="Depths, tides and the plan")
    fill_chart_room()
    # Set what is unread, independent of the demo.
    for membership in Membership.objects.filter(user=viewer).select_related("room"):
        membership.read_seq = membership.room.last_seq - (UNREAD if membership.room.slug == TRIAL else 0)
        membership.save(update_fields=["read_seq"])
    _say("engineering", "kwame", f"@{VIEWER} the new antenna is on the roof, could you look at the numbers?")
    for text in ("Who bakes on Friday?", "Me, if somebody brings plums.", "I have plums."):
        _say("kitchen", "lucia", text)
    direct = Room.objects.get(kind=Room.Kind.DIRECT, memberships__user__username="hana")
    _say(direct.slug, "hana", "The checklist is ready. Shall I print it?")
    _room("strongroom", [MODERATOR])
    member_ban(user=Participant.objects.get(username=MODERATOR), room="strongroom", username=BANNED)


def _field_trial() -> None:
    people = ["ines", "teodor", "saoirse", "kwame", "lucia", "hana", "omar", "bjarne"]
    room = _room(TRIAL, people, title="Field trial", topic="Kinsale, three buoys. Notes in docs/trial.md")
    now = timezone.now()
    then = now - timedelta(days=1)
    trial = _Telling(room)
    for minute, name in enumerate(["kwame", "lucia", "hana", "omar", "bjarne"]):
        trial.note(name, "joined", then + timedelta(minutes=minute))
    trial.say("omar", LOG, then + timedelta(minutes=30))
    packed = trial.say(
        "ines", "Three buoys go out at ten. What is not packed tonight stays **ashore**.", then + timedelta(hours=1)
    )
    trial.react(packed, "👍", ["ines", "kwame", "lucia", "hana", "omar"])
    trial.react(packed, "🫡", ["teodor", "saoirse"])
    trial.say("lucia", QUOTE, then + timedelta(hours=1, minutes=20))
    gone = trial.say("bjarne", "", then + timedelta(hours=1, minutes=30))
    gone.deleted_at, gone.deleted_by = gone.created_at, Participant.objects.get(username=MODERATOR)
    code = trial.say("kwame", CODE, then + timedelta(hours=1, minutes=40), reply_to=packed.seq)
    code.edited_at = code.created_at + timedelta(minutes=1)
    trial.say("kwame", RESULT, then + timedelta(hours=1, minutes=41))
    night = trial.say(
        "saoirse", "The night went well: 1,204 readings, none lost. All three resumed.", now - timedelta(minutes=50)
    )
    trial.react(night, "🎉", ["teodor", "kwame", "lucia", "hana"])
    trial.react(night, "🚢", ["ines", "omar", "kwame"])
    trial.say("ines", "Lovely. Coffee is on me.", now - timedelta(minutes=49))
    trial.say(
        "hana", f"@{VIEWER} can you read the checklist before we cast off? Draft by @omar.", now - timedelta(minutes=12)
    )
    trial.say("hana", "Only the part about `CHARGE_MIN` is new.", now - timedelta(minutes=11))
    trial.say("omar", "🚢", now - timedelta(minutes=8))
    trial.say("teodor", "Cradles are strapped down, we are ready when you are.", now - timedelta(minutes=6))
    trial.write()


def _room(slug: str, people: list[str], *, kind: str = Room.Kind.PUBLIC, title: str = "", topic: str = "") -> Room:
    owner, *others = [Participant.objects.get(username=name) for name in people]
    room = room_create(creator=owner, slug=slug, kind=kind, title=title, topic=topic)
    Membership.objects.bulk_create(Membership(room=room, user=user) for user in others)
    Membership.objects.filter(room=room, user__username=MODERATOR).exclude(user=owner).update(
        role=Membership.Role.MODERATOR
    )
    room.refresh_from_db()
    return room


def _say(slug: str, author: str, text: str) -> None:
    (outcome,) = messages_post([Draft(Participant.objects.get(username=author), slug, text)])
    assert isinstance(outcome, Posted), outcome


class _Telling:
    """Writes history into a room under its own numbers, at times in the past."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.messages: list[Message] = []
        self.reactions: list[Reaction] = []

    def note(self, name: str, event: str, at: datetime) -> None:
        author = Participant.objects.get(username=name)
        system = {"event": event, "username": name}
        self.messages.append(new_message(self.room, author, text=f"{name} {event}", system=system, now=at))

    def say(self, name: str, text: str, at: datetime, *, reply_to: int | None = None) -> Message:
        author = Participant.objects.get(username=name)
        message = new_message(self.room, author, text=text, reply_to=reply_to, now=at)
        self.messages.append(message)
        return message

    def react(self, message: Message, emoji: str, names: list[str]) -> None:
        users = Participant.objects.filter(username__in=names)
        self.reactions += [Reaction(message=message, user=user, emoji=emoji) for user in users]

    def write(self) -> None:
        Message.objects.bulk_create(self.messages)
        Reaction.objects.bulk_create(self.reactions)
        people = {user.username: user for user in Participant.objects.all()}
        Mention.objects.bulk_create(
            Mention(message=message, user=people[name], room=self.room, seq=message.seq)
            for message in self.messages
            for name in named_in(message.text)
            if message.kind == Message.Kind.TEXT
        )
        self.room.save()
