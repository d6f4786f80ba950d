"""Parses a query as people type it. It never fails: parts that it does not understand become warnings."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chat.search.characters import BETWEEN, kinds
from chat.search.folding import fold
from chat.search.tokens import HAS
from chat.search.wanted import Folded, Phrase

# No one types longer queries. The terms of a query are looked up together.
QUERY_CHARS = 2_000
WORDS_MAX = 32
FILTERS_MAX = 32
NAMED = ("from", "in", "with")
DATED = ("before", "after", "on")
FILTERS = (*NAMED, *DATED, "has", "is", "tz")
IS = ("thread", "saved")
_PART = re.compile(
    rf"""
    (?P<no>-(?=[^\s-]))?
    (?:(?P<filter>(?i:{"|".join(FILTERS)})):(?:"(?P<named>[^"]*)"?|(?P<value>\S*))
      |"(?P<quoted>[^"]*)(?P<end>"?)
      |(?P<bare>\S+))
    """,
    re.VERBOSE,
)
# Characters around a word that are not searched. Those that may begin or end a name stay: ".env", "C++", "50%",
# "#1234", "$HOME".
_BEFORE, _AFTER = "([{<'`*~_\"", ".,;:!?)]}>'`*~_\"…"
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"\0": " "})


@dataclass(frozen=True, slots=True)
class Filter:
    """One `kind:value`. `no`: messages that match it are excluded."""

    kind: str
    value: str
    no: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed query. All of `phrases` must match, none of `without`."""

    phrases: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()
    filters: tuple[Filter, ...] = ()
    # The time span: from `since` to before `until`.
    since: datetime | None = None
    until: datetime | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the query asks for nothing."""
        return not (self.phrases or self.without or self.filters or self.since or self.until)

    def matches(self, folded: str) -> bool:
        """Whether the words of the query match a folded text."""
        text = Folded(folded)
        there = all(any(True for _ in phrase.found_in(text)) for phrase in self.phrases)
        return there and not any(True for phrase in self.without for _ in phrase.found_in(text))


def parse(typed: str, *, zone: str = "", now: datetime | None = None) -> Query:
    """Parse a query. `zone`: the name of the time zone of its days, unless it names one itself; UTC if "".

    Never raises. The language is in `docs/search.md`.
    """
    return _Reader(now or datetime.now(UTC)).read(typed, zone)


@dataclass
class _Reader:
    now: datetime
    phrases: list[Phrase] = field(default_factory=list)
    without: list[Phrase] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    days: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def read(self, typed: str, zone: str) -> Query:
        if len(typed) > QUERY_CHARS:
            self._warn(f"Only the first {QUERY_CHARS} characters are looked for.")
        for part in _PART.finditer(typed[:QUERY_CHARS].translate(_QUOTES)):
            no = bool(part["no"])
            if part["quoted"] is not None:
                self._words(part["quoted"], no, whole=bool(part["end"]))
            elif part["bare"]:
                self._words(_tidy(part["bare"]), no, whole=False)
            else:
                kind, value = part["filter"].lower(), (part["named"] or part["value"] or "").strip()
                if kind == "tz":
                    zone = value
                elif kind in DATED:
                    self.days.append((kind, value))
                else:
                    self._filter(kind, value, no)
        since, until = self._span(self._zone(zone))
        return Query(
            tuple(self.phrases),
            tuple(self.without),
            tuple(self.filters),
            since,
            until,
            tuple(dict.fromkeys(self.warnings)),
        )

    def _warn(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def _words(self, text: str, no: bool, *, whole: bool) -> None:
        folded = [word for word in fold(text).split() if kinds(word).strip(BETWEEN)]
        if not folded:
            if text.strip():
                self._warn(f"“{text[:40]}” has no letter or digit to look for.")
            return
        into = self.without if no else self.phrases
        phrase = Phrase(tuple(folded), whole)
        if phrase in into:
            return
        if sum(len(one.words) for one in (*self.phrases, *self.without)) + len(folded) > WORDS_MAX:
            self._warn(f"Only the first {WORDS_MAX} words are looked for.")
            return
        into.append(phrase)

    def _filter(self, kind: str, value: str, no: bool) -> None:
        value = value.removeprefix("@" if kind in {"from", "with"} else "#")
        # The person is still typing it.
        if not value:
            return
        if kind == "has" and value.lower() not in HAS:
            self._warn(f"has:{value[:40]} is not known. Known are {_listed(HAS)}.")
        elif kind == "is" and value.lower() not in IS:
            self._warn(f"is:{value[:40]} is not known. Known are {_listed(IS)}.")
        if len(self.filters) < FILTERS_MAX:
            self.filters.append(Filter(kind, value if kind in NAMED else value.lower(), no))
        else:
            self._warn(f"Only the first {FILTERS_MAX} filters apply.")

    def _zone(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name or "UTC")
        except (ValueError, OSError, KeyError):
            self._warn(f"The time zone “{name[:40]}” is not known; days are those of UTC.")
            return ZoneInfo("UTC")

    def _span(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        first, last = [], []
        for kind, value in self.days:
            if not value:
                continue
            day = _day(value, self.now.astimezone(zone).date())
            if day is None:
                self._warn(f"{kind}:{value[:40]} is no day. Write one as in {kind}:2026-11-01.")
                continue
            begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
            if kind == "before":
                last.append(begin)
            elif kind == "after":
                first.append(end)
            else:
                first.append(begin)
                last.append(end)
        return max(first, default=None), min(last, default=None)


def _tidy(word: str) -> str:
    return word.lstrip(_BEFORE).rstrip(_AFTER) or word


def _listed(values: object) -> str:
    return ", ".join(map(str, values))  # type: ignore[call-overload]


def _day(text: str, today: date) -> date | None:
    near = {"today": today, "yesterday": today - timedelta(days=1)}
    if found := near.get(text.lower()):
        return found
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text, re.ASCII)
    try:
        found = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        return None
    # Conversion to another zone must not leave the calendar.
    return found if found and 1 < found.year < 9999 else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
