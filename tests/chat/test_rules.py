"""Who may do what: every person in every kind of room, written out, so that a changed rule shows up here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from chat.management.permissions_page import permissions_page
from chat.rules import (
    CALL_ALL_WHERE_ALLOWED,
    DELETE_OTHERS,
    INVITE_WHERE_LIMITED,
    PIN_WHERE_ALLOWED,
    VERSIONS_OF_OTHERS,
    Action,
    Actor,
    permissions,
    refusal,
    refusal_to_act_on,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)

PEOPLE: dict[str, dict[str, object]] = {
    "owner": {"role": "owner"},
    "moderator": {"role": "moderator"},
    "member": {"role": "member"},
    "stranger": {"role": None},
    "banned": {"role": None, "banned": True},
    "muted member": {"role": "member", "muted_until": LATER},
    "muted moderator": {"role": "moderator", "muted_until": LATER},
    "muted owner": {"role": "owner", "muted_until": LATER},
    "once muted": {"role": "member", "muted_until": NOW - timedelta(seconds=1)},
    "staff member": {"role": "member", "staff": True},
    "staff stranger": {"role": None, "staff": True},
    "staff via admin": {"role": None, "staff": True, "via_admin": True},
    "no staff via admin": {"role": "owner", "via_admin": True},
}
# Each action, and whether it is on the person's own message: the columns of the table below.
COLUMNS = [
    *((action, False) for action in (Action.READ, Action.JOIN, Action.LEAVE, Action.POST, Action.REACT, Action.TYPE)),
    *((Action.EDIT, True), (Action.EDIT, False), (Action.DELETE, True), (Action.DELETE, False), (Action.INVITE, False)),
    *((action, False) for action in (Action.CLEAR, Action.KICK, Action.BAN, Action.UNBAN, Action.MUTE, Action.UNMUTE)),
    *((action, False) for action in (Action.TOPIC, Action.SETTINGS, Action.ROLE, Action.BANS, Action.AUDIT)),
    *((action, False) for action in (Action.REPORTS, Action.REPORT, Action.CALL_ALL, Action.PIN)),
    *((Action.VERSIONS, True), (Action.VERSIONS, False)),
]
CODES = {".": None, "n": "not_found", "b": "banned", "f": "forbidden", "m": "muted"}

# read join leave post react type | edit own, other's | delete own, other's | invite |
# clear kick ban unban mute unmute topic | settings role | bans audit | reports report call_all pin | versions
TABLE = """
public   owner               ......  .f  ..  .  .......  ..  ..  ....  ..
public   moderator           ......  .f  ..  .  .......  ff  ..  ....  ..
public   member              ......  .f  .f  .  fffffff  ff  ff  f.ff  .f
public   stranger            ..ffff  ff  ff  f  fffffff  ff  ff  ffff  ff
public   banned              bbbbbb  bb  bb  b  bbbbbbb  bb  bb  bbbb  bb
public   muted member        ...mmm  mm  .f  m  fffffff  ff  ff  f.fm  .f
public   muted moderator     ...mmm  mm  ..  m  ......m  ff  ..  ..mm  ..
public   muted owner         ...mmm  mm  ..  m  ......m  m.  ..  ..mm  ..
public   once muted          ......  .f  .f  .  fffffff  ff  ff  f.ff  .f
public   staff member        ......  .f  ..  .  .......  ..  ..  ....  ..
public   staff stranger      ..ffff  ff  ff  f  .......  ..  ..  .f.f  ff
public   staff via admin     .fffff  ..  ..  .  .......  ..  ..  .fff  ..
public   no staff via admin  ffffff  ff  ff  f  fffffff  ff  ff  ffff  ff
private  owner               ......  .f  ..  .  .......  ..  ..  ....  ..
private  moderator           ......  .f  ..  .  .......  ff  ..  ....  ..
private  member              ......  .f  .f  .  fffffff  ff  ff  f.ff  .f
private  stranger            nnnnnn  nn  nn  n  nnnnnnn  nn  nn  nnnn  nn
private  banned              nnnnnn  nn  nn  n  nnnnnnn  nn  nn  nnnn  nn
private  muted member        ...mmm  mm  .f  m  fffffff  ff  ff  f.fm  .f
private  muted moderator     ...mmm  mm  ..  m  ......m  ff  ..  ..mm  ..
private  muted owner         ...mmm  mm  ..  m  ......m  m.  ..  ..mm  ..
private  once muted          ......  .f  .f  .  fffffff  ff  ff  f.ff  .f
private  staff member        ......  .f  ..  .  .......  ..  ..  ....  ..
private  staff stranger      nnnnnn  nn  nn  n  nnnnnnn  nn  nn  nnnn  nn
private  staff via admin     .fffff  ..  ..  .  .......  ..  ..  .fff  ..
private  no staff via admin  ffffff  ff  ff  f  fffffff  ff  ff  ffff  ff
direct   member              .ff...  .f  .f  f  fffffff  ff  ff  f...  .f
direct   stranger            nnnnnn  nn  nn  n  nnnnnnn  nn  nn  nnnn  nn
direct   staff member        .ff...  .f  .f  f  fffffff  ff  ff  f...  .f
direct   staff stranger      nnnnnn  nn  nn  n  nnnnnnn  nn  nn  nnnn  nn
direct   staff via admin     .fffff  ..  ..  f  fffffff  ff  ff  ffff  ..
archived owner               .f.fff  ff  ff  f  fffffff  .f  ..  ..ff  ..
archived moderator           .f.fff  ff  ff  f  fffffff  ff  ..  ..ff  ..
archived member              .f.fff  ff  ff  f  fffffff  ff  ff  f.ff  .f
archived stranger            .fffff  ff  ff  f  fffffff  ff  ff  ffff  ff
archived banned              bbbbbb  bb  bb  b  bbbbbbb  bb  bb  bbbb  bb
archived muted member        .f.fff  ff  ff  f  fffffff  ff  ff  f.ff  .f
archived staff member        .f.fff  ff  ff  f  fffffff  .f  ..  ..ff  ..
archived staff stranger      .fffff  ff  ff  f  fffffff  .f  ..  .fff  ff
archived staff via admin     .fffff  ..  ..  .  .......  ..  ..  .fff  ..
announce owner               ......  .f  ..  .  .......  ..  ..  ....  ..
announce moderator           ......  .f  ..  .  .......  ff  ..  ....  ..
announce member              ...f.f  ff  .f  .  fffffff  ff  ff  f.ff  .f
announce stranger            ..ffff  ff  ff  f  fffffff  ff  ff  ffff  ff
announce muted member        ...mmm  mm  .f  m  fffffff  ff  ff  f.fm  .f
announce staff member        ......  .f  ..  .  .......  ..  ..  ....  ..
announce staff via admin     .fffff  ..  ..  .  .......  ..  ..  .fff  ..
"""
ROWS = [(line[:9].strip(), line[9:29].strip(), "".join(line[29:].split())) for line in TABLE.strip().splitlines()]


def standing(who: str, where: str) -> Actor:
    archived, announcing = where == "archived", where == "announce"
    kind = "public" if archived or announcing else where
    return Actor(kind=kind, archived=archived, announcing=announcing, **PEOPLE[who])  # type: ignore[arg-type]


@pytest.mark.parametrize(("where", "who", "expected"), ROWS, ids=[f"{who} in {where}" for where, who, _ in ROWS])
def test_who_may_do_what(where: str, who: str, expected: str) -> None:
    person = standing(who, where)
    found = [refusal(action, person, now=NOW, own=own) for action, own in COLUMNS]
    assert len(expected) == len(COLUMNS)
    assert [problem and problem.code.value for problem in found] == [CODES[letter] for letter in expected]


def place_of(where: str, who: str) -> str:
    """The key under which clients look up the permissions of this row."""
    if where in ("archived", "direct"):
        return where
    if who.startswith("muted"):
        return "muted"
    return "announcing" if where == "announce" else "open"


# The rows about members: only members receive their permissions.
MEMBERS = [
    (place_of(where, who), PEOPLE[who]["role"], who.startswith("staff"), expected)
    for where, who, expected in ROWS
    if PEOPLE[who]["role"] and not PEOPLE[who].get("via_admin")
]


@pytest.mark.parametrize(("place", "role", "staff", "expected"), MEMBERS)
def test_clients_are_sent_the_rules_as_they_are(place: str, role: str, staff: bool, expected: str) -> None:
    others = {Action.DELETE: DELETE_OTHERS, Action.VERSIONS: VERSIONS_OF_OTHERS}
    names = [action if own else others.get(action, action) for action, own in COLUMNS]
    # Of the two columns for editing, clients receive the one for their own messages.
    told = {
        name: letter == "."
        for (name, letter, column) in zip(names, expected, COLUMNS, strict=True)
        if column != (Action.EDIT, False)
    }
    by_setting = {PIN_WHERE_ALLOWED, CALL_ALL_WHERE_ALLOWED, INVITE_WHERE_LIMITED}
    sent = set(permissions(staff=staff)[place][role]) - by_setting
    assert sent == {name for name, may in told.items() if may}


@pytest.mark.parametrize(
    ("who", "code"),
    [
        *(("member", None), ("moderator", None), ("staff member", None)),
        *(("muted member", "muted"), ("stranger", "forbidden"), ("banned", "banned")),
    ],
)
def test_where_the_room_lets_them_members_pin(who: str, code: str | None) -> None:
    problem = refusal(Action.PIN, replace(standing(who, "public"), pinning=True), now=NOW)
    assert (problem and problem.code) == code


@pytest.mark.parametrize(
    ("who", "calls", "adds"),
    [
        *((who, None, None) for who in ("owner", "moderator", "staff member")),
        ("member", None, "forbidden"),
        ("muted member", "muted", "muted"),
        ("stranger", "forbidden", "forbidden"),
        ("banned", "banned", "banned"),
    ],
)
def test_the_room_says_who_mentions_everybody_and_who_adds_people(
    who: str, calls: str | None, adds: str | None
) -> None:
    person = replace(standing(who, "public"), calling=True, adding=False)
    for action, expected in ((Action.CALL_ALL, calls), (Action.INVITE, adds)):
        problem = refusal(action, person, now=NOW)
        assert (problem and problem.code) == expected, action


EVERYONE = {"owner", "moderator", "member"}


@pytest.mark.parametrize(
    ("name", "where"),
    [
        (PIN_WHERE_ALLOWED, {"open": EVERYONE, "announcing": EVERYONE, "direct": EVERYONE}),
        (CALL_ALL_WHERE_ALLOWED, {"open": EVERYONE, "announcing": EVERYONE, "direct": EVERYONE}),
        (INVITE_WHERE_LIMITED, dict.fromkeys(("open", "announcing"), EVERYONE - {"member"})),
    ],
)
def test_clients_are_sent_what_counts_where_a_setting_of_the_room_decides(
    name: str, where: dict[str, set[str]]
) -> None:
    may = {
        place: {role for role, names in roles.items() if name in names}
        for place, roles in permissions(staff=False).items()
    }
    assert may == {"muted": set(), "archived": set(), "direct": set()} | where


def test_a_token_without_the_scope_pins_and_adds_only_where_members_may() -> None:
    bot = replace(standing("moderator", "public"), may_moderate=False)
    problem = refusal(Action.PIN, bot, now=NOW)
    assert problem
    assert problem.code == "forbidden"
    assert refusal(Action.PIN, replace(bot, pinning=True), now=NOW) is None
    assert refusal(Action.INVITE, bot, now=NOW) is None
    problem = refusal(Action.INVITE, replace(bot, adding=False), now=NOW)
    assert problem
    assert problem.code == "forbidden"


@pytest.mark.parametrize(
    ("setting", "who", "own", "others"),
    [
        *(("off", who, "forbidden", "forbidden") for who in ("owner", "member", "staff member")),
        *(("members", who, None, None) for who in ("owner", "member", "muted member")),
        *(("members", who, "forbidden", "forbidden") for who in ("stranger", "staff stranger")),
    ],
)
def test_the_room_says_who_reads_earlier_texts(setting: str, who: str, own: str | None, others: str | None) -> None:
    person = replace(standing(who, "public"), edit_history=setting)
    for mine, expected in ((True, own), (False, others)):
        problem = refusal(Action.VERSIONS, person, now=NOW, own=mine)
        assert (problem and problem.code) == expected


def test_a_token_without_the_scope_reads_earlier_texts_as_a_member_does() -> None:
    bot = replace(standing("moderator", "public"), may_moderate=False)
    assert refusal(Action.VERSIONS, bot, now=NOW, own=True) is None
    assert refusal(Action.VERSIONS, replace(bot, edit_history="members"), now=NOW) is None
    problem = refusal(Action.VERSIONS, bot, now=NOW)
    assert problem
    assert problem.code == "forbidden"


def test_every_action_and_person_has_its_place_in_the_table() -> None:
    assert {action for action, _ in COLUMNS} == set(Action)
    for where in ("public", "private"):
        assert {who for kind, who, _ in ROWS if kind == where} == set(PEOPLE)


def test_a_muted_person_is_sent_the_time_left() -> None:
    problem = refusal(Action.POST, standing("muted member", "public"), now=NOW)
    assert problem
    assert problem.retry_after == 300


def test_a_hidden_room_and_an_absent_one_sound_the_same() -> None:
    sentences = {
        problem.message
        for who in ("stranger", "banned", "staff stranger")
        for action in Action
        if (problem := refusal(action, standing(who, "private"), now=NOW))
    }
    assert sentences == {"There is no such room, or you may not see it."}


# Who ranks above whom: "." may act, "f" is refused.
OVER = """
                stranger  member  moderator  owner  staff
stranger        f         f       f          f      f
member          .         f       f          f      f
moderator       .         .       f          f      f
owner           .         .       .          f      f
staff stranger  .         .       .          .      f
staff member    .         .       .          .      f
"""


def test_people_act_only_downwards() -> None:
    head, *lines = OVER.strip("\n").splitlines()
    targets = head.split()
    for line in lines:
        who, letters = line[:16].strip(), line[16:].split()
        for target, letter in zip(targets, letters, strict=True):
            below = standing("staff member" if target == "staff" else target, "public")
            problem = refusal_to_act_on(standing(who, "public"), below, same=False)
            assert bool(problem) == (letter == "f"), f"{who} over {target}"


@pytest.mark.parametrize("who", PEOPLE)
def test_no_one_acts_on_themselves(who: str) -> None:
    person = standing(who, "public")
    problem = refusal_to_act_on(person, person, same=True)
    assert problem
    assert problem.code == "forbidden"


def slow(role: str, until: datetime) -> Actor:
    return Actor(kind="public", archived=False, role=role, slow_until=until)


def test_slow_mode_holds_up_the_next_message_of_a_member_alone() -> None:
    problem = refusal(Action.POST, slow("member", LATER), now=NOW)
    assert problem
    assert (problem.code.value, problem.retry_after) == ("rate_limited", 300)
    assert refusal(Action.POST, slow("member", NOW), now=NOW) is None
    assert refusal(Action.REACT, slow("member", LATER), now=NOW) is None
    assert refusal(Action.POST, slow("moderator", LATER), now=NOW) is None


def test_a_token_without_the_scope_moderates_nothing() -> None:
    owner = Actor(kind="public", archived=False, role="owner", may_moderate=False)
    for action in (Action.KICK, Action.SETTINGS, Action.BANS, Action.DELETE):
        problem = refusal(action, owner, now=NOW)
        assert problem, action
        assert (problem.code.value, "token" in problem.message) == ("forbidden", True)
    assert refusal(Action.POST, owner, now=NOW) is None
    assert refusal(Action.DELETE, owner, now=NOW, own=True) is None


def test_a_group_has_the_rules_of_a_direct_message() -> None:
    for action in Action:
        group, direct = (
            refusal(action, Actor(kind=kind, archived=False, role="member"), now=NOW) for kind in ("group", "direct")
        )
        assert (group and group.message) == (direct and direct.message), action


def test_the_page_about_permissions_is_current() -> None:
    """`manage.py permissions` generates the page."""
    assert (Path(settings.BASE_DIR) / "docs" / "permissions.md").read_text() == permissions_page()
