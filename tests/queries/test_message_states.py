"""The state of a message, as it is sent."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.models import Participant
from chat.protocol import events
from chat.queries.message_encoding import encode_new
from chat.queries.message_states import MessageRow

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
            # As SQLite returns it.
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


@pytest.mark.parametrize("text", ["".join(map(chr, range(0x120))), '"\\/\x7f\u2028\u2029', "👩‍👧\uffff"])
def test_every_character_is_encoded_as_the_state_does(text: str) -> None:
    author = Participant(id=1, username="bob")
    known: dict[str, Any] = {"room": "garden", "seq": 1, "rev": 1, "text": text, "author": author, "client_id": None}
    facts = {**known, "reply_to": None, "mentions": [], "thread": None, "in_room": True}
    encoded = encode_new(**facts, timestamp=events.stamp(AT))
    assert encoded == state(facts).encode()
    assert json.loads(encoded)["message"] == text
