"""The content of a refusal beside its code, and refusals outside the table of `test_rules`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chat.protocol.errors import ChatError
from chat.rules import (
    Action,
    Actor,
    muted_refusal,
    permissions,
    refusal,
    refusal_to_act_on,
    scope_refusal,
    staff_refusal,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MEMBER = Actor(kind="public", archived=False, role="member")
BANNED = replace(MEMBER, role=None, banned=True)


def refused(problem: ChatError | None) -> tuple[str, str]:
    assert problem
    return problem.code.value, problem.message


@pytest.mark.parametrize(
    ("person", "fields"),
    [
        (BANNED, None),
        (replace(BANNED, ban_reason="spam"), {"reason": "spam"}),
        (replace(BANNED, banned_until=NOW), {"until": "2026-11-21T12:00:00.000000+00:00"}),
        (
            replace(
                BANNED,
                ban_reason="spam",
                banned_until=datetime(2026, 11, 21, 14, microsecond=5, tzinfo=timezone(timedelta(hours=2))),
            ),
            {"reason": "spam", "until": "2026-11-21T12:00:00.000005+00:00"},
        ),
    ],
)
def test_the_refusal_of_the_banned_has_the_reason_and_the_end_in_utc(person: Actor, fields: object) -> None:
    problem = refusal(Action.READ, person, now=NOW)
    assert refused(problem) == ("banned", "You are banned from this room.")
    assert problem
    assert problem.fields == fields


def test_a_ban_of_a_member_does_not_count() -> None:
    assert refusal(Action.POST, replace(MEMBER, banned=True), now=NOW) is None


def test_a_setting_of_the_room_is_about_its_own_action() -> None:
    calling = replace(MEMBER, calling=True, adding=False)
    assert refusal(Action.CALL_ALL, calling, now=NOW) is None
    for action in (Action.KICK, Action.TOPIC, Action.SETTINGS):
        assert refused(refusal(action, calling, now=NOW))[0] == "forbidden"
    assert refused(refusal(Action.INVITE, calling, now=NOW))[0] == "forbidden"
    for action in (Action.POST, Action.REACT):
        assert refusal(action, calling, now=NOW) is None


def test_a_mute_ends_at_its_time_and_does_not_apply_in_the_admin() -> None:
    assert muted_refusal(replace(MEMBER, muted_until=NOW), now=NOW) is None
    muted = replace(MEMBER, muted_until=NOW + timedelta(seconds=1))
    assert refused(muted_refusal(muted, now=NOW)) == ("muted", "You are muted in this room.")
    assert muted_refusal(replace(muted, via_admin=True), now=NOW) is None


def test_oneself_is_another_refusal_than_a_higher_role() -> None:
    owner = replace(MEMBER, role="owner")
    assert refused(refusal_to_act_on(owner, owner, same=True)) == ("forbidden", "You cannot do that to yourself.")
    assert refused(refusal_to_act_on(MEMBER, owner, same=False)) == (
        "forbidden",
        "You can only do that to people with a lower role than yours.",
    )


def test_what_staff_alone_do_needs_a_token_with_the_scope() -> None:
    assert scope_refusal(may_moderate=True) is None
    without = refused(scope_refusal(may_moderate=False))
    assert without[0] == "forbidden"
    assert "scope moderate" in without[1]
    assert staff_refusal("Only staff.", staff=True, may_moderate=True) is None
    assert refused(staff_refusal("Only staff.", staff=True, may_moderate=False)) == without
    for may_moderate in (True, False):
        assert refused(staff_refusal("Only staff.", staff=False, may_moderate=may_moderate)) == (
            "forbidden",
            "Only staff.",
        )


def test_the_names_that_clients_are_sent_are_those_of_the_protocol() -> None:
    """`may` of PROTOCOL: clients of other versions compare these texts."""
    sent = set(permissions(staff=False)["open"]["owner"])
    assert {
        *("delete", "delete_others", "versions", "versions_of_others", "pin", "pin_where_allowed", "invite"),
        *("call_all", "call_all_where_allowed", "invite_where_limited", "post", "react", "kick", "settings"),
    } <= sent
