"""The judge itself: it counts what is lost, doubled or out of order, and nothing else."""

from dataclasses import replace

import pytest

from tools.faults.verdict import Held, Row, Told, Verdict, compare

ROWS = [Row(seq, seq, f"0-{seq}", f"text {seq}") for seq in (1, 2, 3)]


def held() -> Held:
    """Ada sent all three messages, got an ack for each, and received each."""
    return Held(
        "ada",
        said={row.client_id or "": row.text for row in ROWS},
        acknowledged={row.client_id or "": row.seq for row in ROWS},
        told=[Told(row.seq, row.rev, row.client_id, row.text, 0.1 * row.seq) for row in ROWS],
        kept={row.seq: row.text for row in ROWS},
    )


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.lost, verdict.doubled, verdict.misordered


def test_a_client_that_holds_the_room_is_no_news() -> None:
    verdict = compare(ROWS, [held(), held()])

    assert verdict.good
    assert (verdict.messages, verdict.deliveries) == (6, 6)
    assert verdict.longest_delay == pytest.approx(0.3)


def test_what_was_acknowledged_and_is_not_kept_is_lost_to_all() -> None:
    assert counts(compare(ROWS[:2], [held()])) == (1, 0, 0)


def test_what_one_reader_lacks_is_lost() -> None:
    reader = held()
    del reader.kept[2]

    assert counts(compare(ROWS, [held(), reader])) == (1, 0, 0)


def test_what_was_there_before_the_reader_came_is_not_lost() -> None:
    late = Held("bob", kept={3: "text 3"}, since=2)

    assert compare(ROWS, [late]).good


def test_a_message_stored_or_sent_twice_is_doubled() -> None:
    twice = [*ROWS, replace(ROWS[0], seq=4, rev=4, client_id=None)]
    reader = held()
    reader.kept[4] = "text 1"
    assert counts(compare(twice, [reader])) == (0, 1, 0)

    reader = held()
    reader.told.append(reader.told[-1])
    assert counts(compare(ROWS, [reader])) == (0, 1, 0)


def test_messages_that_changed_places_are_misordered() -> None:
    reader = held()
    reader.told.reverse()
    assert counts(compare(ROWS, [reader])) == (0, 0, 2)

    speaker = held()
    speaker.said = dict(reversed(speaker.said.items()))
    assert counts(compare(ROWS, [speaker])) == (0, 0, 2)


def test_a_message_that_is_nowhere_written_is_a_broken_promise() -> None:
    reader = held()
    reader.kept[9] = "a rumour"

    assert not compare(ROWS, [reader]).good
