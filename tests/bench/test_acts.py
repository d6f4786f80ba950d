"""The actions of the benchmarks do what is measured."""

import pytest

from bench.acts import acts
from chat.models import Membership, Message, Participant

pytestmark = pytest.mark.django_db


def test_each_act_is_done() -> None:
    done = acts()
    for act in done.values():
        act()
    person = Participant.objects.get(username="person3")
    assert Membership.objects.get(user=person, room__slug="room-3").read_seq > 0
    assert Membership.objects.filter(typing_until__isnull=False).count() in {1, 8}
    assert Message.objects.filter(text="hello there").count() == 1
