"""Random acts, weighted so that what counts changes often."""

import random

from django.db import transaction
from django.test import TestCase

from tests.conformance.model import Model, Object
from tests.conformance.stage import Stage

TEXTS = ("hello", "hello @alice", "@alice, look", "@bob look")


def random_acts(seed: int, number: int) -> list[Object]:
    """Acts that the server lets happen, one after the other; what Alice does, she does on another socket."""
    chance, model = random.Random(seed), Model()
    acts: list[Object] = []
    away = False
    while len(acts) < number:
        seq = chance.randint(max(1, len(model.lines) - 6), max(1, len(model.lines)))
        by = chance.choice(["alice", "bob", "bob", "charlie"])
        act: Object = chance.choice(
            [
                *[{"act": "post", "by": by, "text": chance.choice(TEXTS)}] * 5,
                *[{"act": "edit", "by": by, "seq": seq, "text": chance.choice(TEXTS)}] * 4,
                *[{"act": "delete", "by": by, "seq": seq}] * 2,
                {"act": "react", "by": by, "seq": seq, "on": chance.random() < 0.5},
                {"act": "pin", "by": by, "seq": seq, "on": chance.random() < 0.7},
                *[
                    {
                        "act": "reply",
                        "by": by,
                        "thread": seq,
                        "text": chance.choice(TEXTS),
                        "in_room": chance.random() < 0.3,
                    }
                ]
                * 6,
                {"act": "thread read", "thread": seq, "seq": chance.randint(1, len(model.lines) + 1)},
                {"act": "follow", "thread": seq, "on": chance.random() < 0.5},
                {"act": "read", "seq": seq},
                {"act": "read here", "seq": seq} if not away else {"act": "read", "seq": seq},
                {"act": "mark unread", "seq": seq},
                {"act": "topic", "by": chance.choice(["alice", "bob"]), "text": chance.choice("abc")},
                {"act": "clear", "by": "bob"} if chance.random() < 0.3 else {"act": "post", "by": "bob", "text": "so"},
                {"act": "come back" if away else "lose the connection"},
            ]
        )
        if act["act"] in ("come back", "lose the connection"):
            away = not away
        elif not model.possible(act):
            continue
        model.do(act)
        acts.append(act)
    return acts if not away else [*acts, {"act": "come back"}]


def plays(number: int) -> list[list[Object]]:
    """Random acts with what they bring and what the model counts; the database is left as it was."""
    return [_play(seed) for seed in range(number)]


def _play(seed: int) -> list[Object]:
    with transaction.atomic():
        stage, model = Stage(TestCase.captureOnCommitCallbacks), Model()
        steps = [{"act": {"act": "begin"}, "events": stage.greeting(), "counts": model.counts, "threads": {}}]
        for act in random_acts(seed, 40):
            sent = stage.do(act)
            model.do(act)
            steps.append({"act": act, "events": sent, "counts": model.counts, "threads": model.threads})
        transaction.set_rollback(True)
    return steps
