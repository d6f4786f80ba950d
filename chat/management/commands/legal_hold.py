"""`manage.py legal_hold`: keeps a room, or what one person wrote, from retention and deletion."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from chat.models import LegalHold, Participant, Room
from chat.services.legal_holds import hold_begin, hold_end, holds_active

UNUSABLE = 2


class Command(BaseCommand):
    """Begins, lists and ends holds."""

    requires_system_checks = ()
    help = (
        "Keeps a room, or all that one person wrote, until the hold ends: retention leaves it, and what is edited or "
        "deleted meanwhile stays readable in the administration. People are not shown that there is a hold."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--room", metavar="SLUG", help="keep a room")
        what.add_argument("--person", metavar="USERNAME", help="keep what one person wrote, in all rooms")
        what.add_argument("--list", action="store_true", help="list the holds that have not ended")
        what.add_argument("--end", type=int, metavar="NUMBER", help="end a hold, by its number in the list")
        parser.add_argument("--reason", help="why, for the record; needed to begin a hold")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
        elif options["end"] is not None:
            self._end(options["end"])
        else:
            self._begin(options)

    def _begin(self, options: dict[str, Any]) -> None:
        room = person = None
        reason = " ".join((options["reason"] or "").split())
        if not reason or len(reason) > 500:
            raise CommandError("Give a --reason of at most 500 characters.", returncode=UNUSABLE)
        if options["room"] and (room := Room.objects.filter(slug__iexact=options["room"]).first()) is None:
            raise CommandError(f"There is no room {options['room']}.", returncode=UNUSABLE)
        if options["person"]:
            name = options["person"].removeprefix("@")
            if (person := Participant.objects.filter(username__iexact=name).first()) is None:
                raise CommandError(f"No one is called {name}.", returncode=UNUSABLE)
        hold = hold_begin(actor=getpass.getuser(), reason=reason, room=room, person=person)
        self.stdout.write(f"Hold {hold.pk} keeps {hold}.")

    def _end(self, number: int) -> None:
        hold = LegalHold.objects.filter(pk=number, ended_at=None).first()
        if hold is None:
            raise CommandError(f"There is no hold {number} that has not ended.", returncode=UNUSABLE)
        copies = hold_end(hold, actor=getpass.getuser())
        self.stdout.write(f"Hold {number} of {hold} has ended; {copies} copies were deleted.")

    def _list(self) -> None:
        holds = list(holds_active().select_related("room", "person"))
        for hold in holds:
            self.stdout.write(f"{hold.pk}  {hold}  {hold.created_at:%Y-%m-%d}  {hold.begun_by}: {hold.reason}")
        self.stdout.write(f"{len(holds)} holds.")
