"""Acts of people, weighted so that counts change often: chosen at random, or by hypothesis."""

import itertools
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import TestCase
from hypothesis import strategies as st

from support.once import once
from tests.conformance.model import Model, Object
from tests.conformance.stage import Stage, totals_of

TEXTS = ("hello", "hello @alice", "@alice, look", "@bob look")
PEOPLE = ("alice", "bob", "bob", "charlie")
# How far from the end of the room an act may be.
BACK = 6

# A wish is an act whose places are counted from the end: `seq_back`, `thread_back`. Each function makes one, given how
# to choose among values.
Choose = Callable[[Iterable[Any]], Any]
_WISHES: list[tuple[int, Callable[[Choose], Object]]] = [
    (7, lambda one: {"act": "post", "by": one(PEOPLE), "text": one(TEXTS)}),
    (4, lambda one: {"act": "edit", "by": one(PEOPLE), "seq_back": one(range(BACK)), "text": one(TEXTS)}),
    (2, lambda one: {"act": "delete", "by": one(PEOPLE), "seq_back": one(range(BACK))}),
    (1, lambda one: {"act": "react", "by": one(PEOPLE), "seq_back": one(range(BACK)), "on": one((True, False))}),
    (1, lambda one: {"act": "pin", "by": one(PEOPLE), "seq_back": one(range(BACK)), "on": one((True, True, False))}),
    (
        6,
        lambda one: {
            "act": "reply",
            "by": one(PEOPLE),
            "thread_back": one(range(BACK)),
            "text": one(TEXTS),
            "in_room": one((False, False, True)),
        },
    ),
    (2, lambda one: {"act": "forward", "by": one(PEOPLE), "seq_back": one(range(BACK)), "text": one(("", *TEXTS))}),
    (
        1,
        lambda one: {
            "act": "forward",
            "by": one(PEOPLE),
            "seq_back": one(range(BACK)),
            "text": one(("", *TEXTS)),
            "thread_back": one(range(BACK)),
            "in_room": one((False, False, True)),
        },
    ),
    (1, lambda one: {"act": "versions", "seq_back": one(range(BACK))}),
    (2, lambda one: {"act": "thread read", "thread_back": one(range(BACK)), "seq_back": one(range(-1, 2 * BACK))}),
    (1, lambda one: {"act": "follow", "thread_back": one(range(BACK)), "on": one((True, False))}),
    (1, lambda one: {"act": "read", "seq_back": one(range(BACK))}),
    (1, lambda one: {"act": "read here", "seq_back": one(range(BACK))}),
    (1, lambda one: {"act": "mark unread", "seq_back": one(range(BACK))}),
    (1, lambda one: {"act": "topic", "by": one(("alice", "bob")), "text": one("abc")}),
    # Rejoining within minutes changes the line of the departure, which `counts.json` covers.
    (1, lambda one: {"act": one(("leave", "post")), "by": "charlie", "text": one(TEXTS)}),
    (1, lambda one: {"act": "connection", "clear": one((False, False, True))}),
]


def random_acts(seed: int, number: int) -> list[Object]:
    """Acts that the server accepts, in sequence; Alice's acts come from another of her sockets."""
    chance = random.Random(seed)
    makers = [make for weight, make in _WISHES for _ in range(weight)]

    def one(values: Iterable[Any]) -> Any:
        return chance.choice([*values])

    return possible((one(makers)(one) for _ in itertools.count()), number)


@st.composite
def wished_acts(draw: st.DrawFn) -> list[Object]:
    """Such acts, which hypothesis shrinks when a test fails."""

    def one(values: Iterable[Any]) -> Any:
        return draw(st.sampled_from([*values]))

    makers = [make for weight, make in _WISHES for _ in range(weight)]
    return possible([one(makers)(one) for _ in range(draw(st.integers(1, 40)))], 40)


def possible(wishes: Iterable[Object], most: int) -> list[Object]:
    """The acts of these wishes that the server would accept; at the end the connection is up."""
    model = Model()
    acts: list[Object] = []
    away = False
    for wish in wishes:
        act = _placed(wish, len(model.lines), away=away)
        if act["act"] in ("come back", "lose the connection"):
            away = not away
        elif not model.possible(act):
            continue
        model.do(act)
        acts.append(act)
        if len(acts) == most:
            break
    return [*acts, {"act": "come back"}] if away else acts


def _placed(wish: Object, lines: int, *, away: bool) -> Object:
    act = {key: value for key, value in wish.items() if not key.endswith("_back")}
    for place in ("seq", "thread"):
        if f"{place}_back" in wish:
            act[place] = max(1, lines - wish[f"{place}_back"])
    if act["act"] == "connection":
        # A clearing hides everything, so it is rare.
        return (
            {"act": "clear", "by": "bob"} if act["clear"] else {"act": "come back" if away else "lose the connection"}
        )
    return act | {"act": "read"} if away and act["act"] == "read here" else act


def recorded(seed: int) -> list[Object]:
    """`play` of random acts, which runs once per test run."""

    def make(path: Path) -> None:
        path.write_text(json.dumps(play(random_acts(seed, 40))))

    steps: list[Object] = json.loads(once(f"play-{seed}.json", make).read_text())
    return steps


def play(acts: list[Object]) -> list[Object]:
    """These acts, each with the events sent for it, the list of threads that a client would get after it, the server's
    counts and the model's counts; the database is rolled back."""
    with transaction.atomic():
        stage, model = Stage(TestCase.captureOnCommitCallbacks), Model()
        steps = [_step({"act": "begin"}, stage.greeting(), stage, model)]
        for act in acts:
            sent = stage.do(act)
            model.do(act)
            steps.append(_step(act, sent, stage, model))
        transaction.set_rollback(True)
    return steps


def _step(act: Object, sent: list[Object], stage: Stage, model: Model) -> Object:
    listed = stage.unread_threads
    server = {"counts": stage.counts, "threads": stage.threads, "totals": totals_of(listed)}
    counted = {"counts": model.counts, "threads": model.threads, "totals": model.totals, "forwards": model.forwards}
    texts = {"texts": model.texts(act["seq"])} if act["act"] == "versions" else {}
    return {"act": act, "events": sent, "list": json.loads(listed.encode()), "server": server, **counted, **texts}
