"""Maps people of an export to participants: to an account that is named or has their verified address, otherwise to a
participant of kind `imported`, which no one can sign in as. Never to an account just because its name is the same."""

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from django.apps import apps
from django.core.exceptions import ValidationError

from chat.importing.stream import NotAnExport, Person
from chat.models import ImportedPerson, ImportRun, Participant
from chat.models.namesakes import looks_of, names_compare
from chat.models.validators import validate_username
from chat.services.imports.accounts import account_give

_TRIES = 100_000
NAME_MAX = 32
UNKNOWN = "unknown"
# Number of people whose names form the title of a room without one.
TITLED_BY = 4
# Instead of a username. LEAVE: stays a name, even if an address matches. NEW: gets an account, `+ada` under that name.
LEAVE, NEW = "-", "+"
# A participant's id, LEAVE, or NEW with or without a name.
Choice = int | str


def people_map(path: Path | None) -> dict[str, Choice]:
    """The choices of a CSV file, by what it names people by: their id, or a name or address that only one has.

    The file has two columns, `source` and `username`; a header line with these words is skipped. The username `-`
    leaves a person without an account, `+` or `+name` creates one.

    Raises:
        NotAnExport: it cannot be read, or names a person who does not exist here.
    """
    if path is None:
        return {}
    try:
        return people_read(path.read_text(encoding="utf-8-sig"), f"{path}: ")
    except (OSError, UnicodeDecodeError) as error:
        raise NotAnExport(f"{path}: cannot be read as CSV ({error})") from None


def people_read(text: str, where: str) -> dict[str, Choice]:
    """Like `people_map`, for the text of such a file. `where` is the prefix of error messages.

    Raises:
        NotAnExport: it is not CSV, or names a person who does not exist here.
    """
    found: dict[str, Choice] = {}
    for number, source, said in pairs_read(text, where, "username"):
        username = said.removeprefix("@")
        if username == LEAVE or username.startswith(NEW):
            found[source] = username
            continue
        known = Participant.objects.filter(username__iexact=username) if "\0" not in username else None
        participant = known.first() if known else None
        if participant is None:
            raise NotAnExport(f"{where}line {number}: nobody here is called {username}")
        found[source] = participant.pk
    return found


def pairs_read(text: str, where: str, second: str) -> Iterator[tuple[int, str, str]]:
    """The lines of a CSV file with the two columns `source` and `second`, with their line numbers.

    Raises:
        NotAnExport: it is not such a file.
    """
    try:
        rows = [row for row in csv.reader(text.splitlines()) if any(row)]
    except csv.Error as error:
        raise NotAnExport(f"{where}cannot be read as CSV ({error})") from None
    for number, row in enumerate(rows, start=1):
        if len(row) < 2:
            raise NotAnExport(f"{where}line {number}: has not two columns, source and {second}")
        source, said = row[0].strip(), row[1].strip()
        if number > 1 or (source, said) != ("source", second):
            yield number, source, said


class People:
    """The participants of one import, chosen when the stream names people and created when they are needed.

    `by_id`: the keys of choices that count as ids only, as found by `unclear`.
    """

    def __init__(self, format_name: str, mapped: Mapping[str, Choice], by_id: Collection[str] = ()) -> None:
        self._format, self._mapped, self._by_id = format_name, mapped, by_id
        # Keys of the choices: those seen as ids, and for the others the people who have them as name or address.
        self._seen: set[str] = set()
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        self._met: set[str] = set()
        self._taken = {name.lower() for name in Participant.objects.values_list("username", flat=True)}
        rows = ImportedPerson.objects.filter(format=format_name).values_list(
            "source", "participant_id", "participant__username"
        )
        self._ids: dict[str, int] = {}
        self._names: dict[str, str] = {}
        for source, participant, username in rows:
            self._ids[source], self._names[source] = participant, username
        self._by_address = _verified_addresses()
        self._usernames = dict(
            Participant.objects.filter(
                pk__in={*(one for one in mapped.values() if isinstance(one, int)), *self._by_address.values()}
            ).values_list("pk", "username")
        )
        self._planned: dict[str, Person] = {}
        # Ids of the export that an account stands for.
        self.accounts: set[str] = set(
            ImportedPerson.objects.filter(format=format_name)
            .exclude(participant__kind=Participant.Kind.IMPORTED)
            .values_list("source", flat=True)
        )
        self._unnoted: set[str] = set()
        # Ids of the export whose people get an account.
        self.given: set[str] = set()
        self._claims: dict[str, Person] = {}

    def meet(self, person: Person) -> None:
        """Choose the username for mentions of this person in texts."""
        choice = self._choice(person)
        new = isinstance(choice, str) and choice.startswith(NEW)
        if person.id in self._names:
            person.name = self._names[person.id]
            if new and person.id not in self.accounts:
                self._claims[person.id] = person
                self.given.add(person.id)
            return
        account = self._account(person, choice)
        if account is not None:
            self._ids[person.id] = account
            self.accounts.add(person.id)
            self._unnoted.add(person.id)
            person.name = self._usernames[account]
        else:
            asked = choice.removeprefix(NEW) if isinstance(choice, str) and new else ""
            person.name = self._free(asked or person.name or person.title)
            if new:
                self.given.add(person.id)
            self._planned[person.id] = person
        self._names[person.id] = person.name

    def see(self, ids: Iterable[str]) -> None:
        """Record ids that the export may not describe, such as those of authors."""
        if self._mapped:
            self._seen.update(self._mapped.keys() & ids)

    def unclear(self) -> set[str]:
        """The keys of choices that are several people's name or address, or one's name and another one's id. Complete
        at the end of the stream. People choose their own names in the old chat, so one could take another's id as a
        name to be imported as that person's account."""
        return {key for key, people in self._named.items() if len(people) > 1 or key in self._seen}

    def _choice(self, person: Person) -> Choice | None:
        keys = [key for key in (person.email, person.name) if key and key != person.id and key in self._mapped]
        # A person whom the stream repeats already has the name assigned here.
        if person.id not in self._met:
            self._met.add(person.id)
            self.see([person.id])
            for key in keys:
                self._named[key].add(person.id)
        if person.id in self._mapped:
            return self._mapped[person.id]
        return next((self._mapped[key] for key in keys if key not in self._by_id), None)

    def _account(self, person: Person, choice: Choice | None) -> int | None:
        if isinstance(choice, int):
            return choice
        if choice or person.bot or not person.email:
            return None
        return self._by_address.get(person.email.lower())

    def _free(self, wanted: str) -> str:
        base = re.sub(r"[^A-Za-z0-9_.-]+", "-", wanted).strip(".-")[:NAME_MAX].strip(".-") or UNKNOWN
        for number in range(1, _TRIES):
            end = "" if number == 1 else f"-{number}"
            name = base[: NAME_MAX - len(end)].rstrip(".-") + end
            if name.lower() in self._taken:
                continue
            try:
                validate_username(name)
            except ValidationError:
                continue
            self._taken.add(name.lower())
            return name
        raise NotAnExport(f"more than {_TRIES} people of the name {base}")

    def username(self, source: str) -> str:
        """The username of a person whom `meet` has seen."""
        return self._names[source]

    def called(self, sources: Iterable[str]) -> str:
        """The first four usernames, as the title of a room without one."""
        names = [self._names.get(one, one) for one in dict.fromkeys(sources)]
        more = f" +{len(names) - TITLED_BY}" if len(names) > TITLED_BY else ""
        return ", ".join(names[:TITLED_BY]) + more

    def id_of(self, source: str) -> int:
        """The participant's id of a person whom `make` created, or who existed before."""
        return self._ids[source]

    def foretold(self, source: str) -> int | str:
        """The id of the person's participant, or their source id if the participant does not exist yet."""
        return self._ids.get(source, source)

    def knows(self, source: str) -> bool:
        """Whether the participant exists."""
        return source in self._ids

    def missing(self, sources: Iterable[str]) -> list[str]:
        """The people for whom `make` has work to do, without duplicates."""
        return [one for one in dict.fromkeys(sources) if one not in self._ids or one in self._unnoted]

    def make(self, sources: Iterable[str], run: ImportRun) -> None:
        """Create the missing participants, and record who stands for whom. Call it in a transaction."""
        new: list[tuple[str, Person]] = []
        for source in self.missing(sources):
            if source not in self._names:
                # Some reactions come from people who appear nowhere else in the export.
                self.meet(Person(source, source, source, active=False))
            if source in self._planned:
                new.append((source, self._planned.pop(source)))
            elif source in self._unnoted:
                self._unnoted.discard(source)
                ImportedPerson.objects.get_or_create(
                    format=self._format, source=source, defaults={"participant_id": self._ids[source], "run": run}
                )
        if not new:
            return
        made = Participant.objects.bulk_create(_participant(person) for _, person in new)
        for (source, _), participant in zip(new, made, strict=True):
            self._ids[source] = participant.pk
        ImportedPerson.objects.bulk_create(
            ImportedPerson(format=self._format, source=source, participant=participant, run=run)
            for (source, _), participant in zip(new, made, strict=True)
        )
        names_compare({look for one in made for look in (one.name_look, one.username_look)})
        for (source, person), participant in zip(new, made, strict=True):
            if source in self.given:
                self._give(source, person, participant)

    def claim(self) -> None:
        """Give accounts to people whom an earlier import created without one."""
        for source, person in self._claims.items():
            participant = Participant.objects.get(pk=self._ids[source])
            if participant.kind == Participant.Kind.IMPORTED:
                self._give(source, person, participant)
        self._claims.clear()

    def _give(self, source: str, person: Person, participant: Participant) -> None:
        if account_give(participant, person.email):
            self.accounts.add(source)


def _participant(person: Person) -> Participant:
    shown = person.title[:64].strip()
    try:
        shown = str(Participant._meta.get_field("display_name").clean(shown, None)) if shown else ""
    except ValidationError:
        shown = ""
    name_look, username_look = looks_of(username=person.name, display_name=shown)
    return Participant(
        username=person.name,
        display_name=shown,
        kind=Participant.Kind.IMPORTED,
        name_look=name_look,
        username_look=username_look,
        # No one reads what others write to them.
        is_active=False,
    )


def _verified_addresses() -> dict[str, int]:
    """Participants by the confirmed e-mail addresses of their logins."""
    if not apps.is_installed("allauth.account"):
        return {}
    rows = apps.get_model("account", "EmailAddress")._default_manager.filter(
        verified=True, user__participant__isnull=False
    )
    return {address.lower(): participant for address, participant in rows.values_list("email", "user__participant")}
