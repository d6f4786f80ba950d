"""A single push: its encryption, its size, its headers."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chat.lib import push_keys, web_push
from support.push_service import Browser


def test_a_browser_opens_it_and_the_bytes_are_those_of_one_record() -> None:
    browser = Browser("https://push.vendor.net/x")
    recipient = web_push.Recipient(**browser.subscription["keys"])
    recipient.check()
    body = web_push.encrypt(web_push.payload({"body": "hello"}), recipient)
    assert browser.open(body) == {"body": "hello"}
    assert len(body) == len('{"body":"hello"}') + 103


@pytest.mark.parametrize("text", ["😀" * 4_000, "a" * 9_000, 'quote " and \\ ' * 900, "\n" * 4_000, "é…" * 3_000])
def test_a_text_is_cut_by_bytes_and_no_character_is_broken(text: str) -> None:
    made = web_push.payload({"title": "Alice", "body": text})
    assert 2_800 < len(made) <= web_push.TEXT_MAX_BYTES
    kept = json.loads(made)["body"]
    assert kept.endswith("…")
    assert text.startswith(kept.rstrip("…"))


def test_a_short_text_is_whole() -> None:
    assert json.loads(web_push.payload({"title": "x", "body": "ends with …"})) == {"title": "x", "body": "ends with …"}


def claims(headers: dict[str, str], audience: str) -> dict[str, Any]:
    token, _, key = headers["Authorization"].removeprefix("vapid t=").partition(", k=")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), push_keys.bytes_of(key))
    return dict(jwt.decode(token, public, algorithms=["ES256"], audience=audience))


def test_each_push_service_gets_a_signature_of_its_own() -> None:
    key = push_keys.new_private_key()
    facts: dict[str, Any] = {
        "private_key": key,
        "contact": "mailto:a@example.org",
        "ttl": 60,
        "urgency": "high",
        "topic": None,
    }
    for origin in ("https://one.vendor.net", "https://two.vendor.net:8443"):
        made = web_push.headers(f"{origin}/x/y", **facts)
        assert claims(made, origin)["sub"] == "mailto:a@example.org"
        assert (made["TTL"], made["Urgency"], "Topic" in made) == ("60", "high", False)
    assert "sub" not in claims(web_push.headers("https://a.net/x", **{**facts, "contact": ""}), "https://a.net")


def test_a_signature_is_used_again_for_minutes_and_for_its_push_service_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 6_000_000_000
    monkeypatch.setattr(time, "time", lambda: float(now))
    facts: dict[str, Any] = {"private_key": push_keys.new_private_key(), "contact": "", "ttl": 1, "urgency": "low"}

    def signed(endpoint: str) -> str:
        return web_push.headers(endpoint, topic=None, **facts)["Authorization"]

    first = signed("https://one.vendor.net/x")
    assert signed("https://one.vendor.net/y") == first
    assert signed("https://two.vendor.net/x") != first
    now += 600
    later = claims({"Authorization": signed("https://one.vendor.net/x")}, "https://one.vendor.net")
    assert later["exp"] == now + 12 * 3600


def test_a_topic_fits_and_says_nothing() -> None:
    topic = web_push.topic_of("engineering", "secret")
    assert len(topic) == 32
    assert topic != web_push.topic_of("engineering", "other")
    assert len(push_keys.bytes_of(topic)) == 24
