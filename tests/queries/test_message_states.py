"""The state of a message, as it is sent."""

import json
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.models import Participant
from chat.protocol import events
from chat.queries.message_encoding import encode_new, encoded_states_of
from chat.queries.message_states import MessageRow, states_of

texts = st.text(st.characters(codec="utf-8"), max_size=30)
numbers = st.none() | st.integers(1, 2**53)
AT = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
facts = st.fixed_dictionaries(
    {
        "room": texts,
        "seq": st.integers(1, 2**53),
        "rev": st.integers(1, 2**53),
        "text": texts,
        "author": st.builds(
            Participant,
            id=st.integers(1, 2**53),
            username=texts,
            display_name=texts,
            # SQLite returns 0 and 1.
            name_shared=st.sampled_from([False, True, 0, 1]),
        ),
        "client_id": st.none() | texts,
        "reply_to": numbers,
        "mentions": st.lists(texts, max_size=3),
        "thread": numbers,
        "in_room": st.booleans(),
    }
)


def state(facts: dict[str, Any]) -> events.Message:
    author = facts["author"]
    row = MessageRow(
        facts["room"],
        facts["seq"],
        facts["rev"],
        facts["text"],
        author.id,
        author.username,
        author.display_name,
        bool(author.name_shared),
        AT,
        client_id=facts["client_id"],
        reply_to=facts["reply_to"],
        thread=facts["thread"],
        in_room=facts["in_room"],
    )
    return row.state(mentions=facts["mentions"])


@given(facts)
def test_a_new_message_is_encoded_as_its_state_is(facts: dict[str, Any]) -> None:
    assert encode_new(**facts, timestamp=events.stamp(AT)) == state(facts).encode()


# For each column type, a value other than the default.
OTHER: dict[Any, Any] = {str: "system", int: 3, bool: True, datetime: AT, dict[str, Any]: {"event": "joined"}}


@pytest.mark.django_db
@pytest.mark.parametrize("column", MessageRow._field_defaults)
def test_the_newest_page_leaves_out_no_column(column: str) -> None:
    default, kind = MessageRow._field_defaults[column], get_type_hints(MessageRow)[column]
    [other] = [value for of, value in OTHER.items() if of in (kind, *getattr(kind, "__args__", ()))]
    changed: dict[str, Any] = {column: not default if kind is bool else other}
    row = MessageRow("garden", 1, 1, "tea", 1, "bob", "Bob", False, AT)._replace(**changed)
    assert encoded_states_of([row]) == [one.encode() for one in states_of([row])]


@pytest.mark.parametrize("text", ["".join(map(chr, range(0x120))), '"\\/\x7f\u2028\u2029', "👩‍👧\uffff"])
def test_every_character_is_encoded_as_the_state_does(text: str) -> None:
    author = Participant(id=1, username="bob")
    known: dict[str, Any] = {"room": "garden", "seq": 1, "rev": 1, "text": text, "author": author, "client_id": None}
    facts = {**known, "reply_to": None, "mentions": [], "thread": None, "in_room": True}
    encoded = encode_new(**facts, timestamp=events.stamp(AT))
    assert encoded == state(facts).encode()
    assert json.loads(encoded)["message"] == text
