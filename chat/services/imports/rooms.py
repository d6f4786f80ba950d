"""The rooms of an export: found again or created. A new one has no members before its history is complete."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field

from chat.importing.stream import Room as Source
from chat.models import CONVERSATIONS, ImportedRoom, ImportRun, Membership, Room
from chat.protocol.fields import SHORT_TEXT_MAX, TITLE_MAX
from chat.services.imports.people import People
from chat.services.slugs import free_slug, names_lock
from chat.services.sql_pipeline import inserting, run_together
from chat.signals import mark_access_changed

# Raw SQL: through the ORM a member costs 0.3 ms, and a workspace has tens of thousands.
_MEMBERS = inserting(
    Membership._meta.db_table,
    {"room_id": "bigint", "user_id": "bigint", "role": "text", "notify": "text", "read_seq": "bigint"},
)
# Our own archive format: its rooms have addresses like ours, and a new server may have empty rooms with these.
OWN = "backchannel"


@transaction.atomic
def place_of(
    source: Source, *, format_name: str, people: People, run: ImportRun, into: Room | None = None
) -> ImportedRoom:
    """The `ImportedRoom` of a room of the export; creates it, with its room, the first time.

    A conversation of two people goes into their direct room if that has no messages yet. A room that has messages takes
    no history, because assigned numbers never change: the conversation then becomes a private room, as do those of one
    or several people. `into`: an existing room, to whose messages the export's are appended; its members stay.
    """
    known = ImportedRoom.objects.select_related("room").filter(format=format_name, source=source.known_as).first()
    if known:
        return known
    if into is not None:
        return ImportedRoom.objects.create(
            format=format_name, source=source.known_as, room=into, run=run, made=False, complete=True
        )
    members = list(dict.fromkeys(source.members or []))
    people.make(members, run)
    room, made = None, True
    if source.kind == "direct" and len({people.id_of(one) for one in members}) == 2:
        room, made = _direct(*(people.id_of(one) for one in members))
    if room is None and format_name == OWN:
        room = _own_room(source, people)
        made = room is None
    if room is None:
        names_lock()
        title = source.title or people.called(members) or source.id
        room = Room.objects.create(
            slug=free_slug(source.id if format_name == OWN and source.kind != "direct" else title),
            # Private until `place_complete` sets the final kind.
            kind=Room.Kind.PRIVATE,
            title=_line("title", title, TITLE_MAX),
            topic=_line("topic", source.topic, SHORT_TEXT_MAX),
            **({"created_at": source.created_at} if source.created_at else {}),
        )
    return ImportedRoom.objects.create(format=format_name, source=source.known_as, room=room, run=run, made=made)


def _direct(a: int, b: int) -> tuple[Room | None, bool]:
    slug = Room.direct_slug(a, b)
    held = Room.objects.filter(slug=slug).first()
    if held is None:
        return Room.objects.create(slug=slug, kind=Room.Kind.DIRECT), True
    return (held, False) if held.last_seq == 0 else (None, True)


def _own_room(source: Source, people: People) -> Room | None:
    """The empty room with this address, if it has the same kind and grants no one more rights than the export does.
    Otherwise a person who created a room with this name before the import could read a private history, or own it."""
    room = Room.objects.filter(slug__iexact=source.id, kind=source.kind, last_seq=0).exclude(kind__in=CONVERSATIONS)
    if not (found := room.first()):
        return None
    roles = {people.id_of(one): source.roles.get(one, "member") for one in source.members or []}
    owner, member = Membership.Role.OWNER, Membership.Role.MEMBER
    held = Membership.objects.filter(room=found).values_list("user_id", "role", "user__is_staff")
    for person, role, is_staff in held:
        joined_here = found.kind == Room.Kind.PRIVATE and person not in roles
        may_more = not is_staff and role != member and roles.get(person) not in {role, owner}
        if joined_here or may_more:
            return None
    return found


@transaction.atomic
def place_complete(place: ImportedRoom, source: Source, *, people: People, authors: set[str], run: ImportRun) -> None:
    """Open the room: set its kind and state, and add its members with everything read.

    If the export lists no members, the accounts that wrote there become members.
    """
    room = Room.objects.select_for_update().get(pk=place.room_id)
    if place.complete:
        return
    members = source.members if source.members is not None else sorted(authors)
    people.make(members, run)
    held = set(Membership.objects.filter(room=room).values_list("user_id", flat=True))
    wanted = {people.id_of(one): source.roles.get(one, "") for one in members}
    roles = {role.value for role in Membership.Role}
    plain = room.kind == Room.Kind.DIRECT
    new = [
        (room.pk, person, "member" if plain or role not in roles else role, Membership.Notify.ALL.value, room.last_seq)
        for person, role in wanted.items()
        if person not in held
    ]
    if room.kind != Room.Kind.DIRECT:
        room.kind = Room.Kind.PUBLIC if source.kind == "public" else Room.Kind.PRIVATE
        room.archived = source.archived
        room.save(update_fields=["kind", "archived"])
    run_together((_MEMBERS, new))
    place.complete = True
    place.save(update_fields=["complete"])
    mark_access_changed(person for _, person, *_ in new)


def _line(name: str, value: str, most: int) -> str:
    try:
        field: Field[str, str] = Room._meta.get_field(name)  # type: ignore[assignment]
        return str(field.clean(value[:most].strip(), None)) if value else ""
    except ValidationError:
        return ""
