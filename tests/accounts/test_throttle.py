"""Guessing is throttled per person and per address, across processes, with and without Redis."""

import logging
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from limits import RateLimitItemPerMinute

from chat.identity import throttle
from chat.identity.passwords import TooManyAttempts, check_password
from support.accounts import PASSWORD, alice
from support.servers import RedisServer, clean_environment, manage

HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    small = throttle.Limit(RateLimitItemPerMinute(3), RateLimitItemPerMinute(5))
    monkeypatch.setitem(throttle.LIMITS, "sign_in", small)


@pytest.fixture(params=["memory", "redis"])
def storage(request: pytest.FixtureRequest, settings: Any) -> str:
    """The same limits, in the process and in Redis."""
    if request.param == "redis":
        use_redis(request.getfixturevalue("redis_server"), settings)
    return str(request.param)


def use_redis(server: RedisServer, settings: Any) -> None:
    settings.CHAT_REDIS_URL = server.url
    throttle._redis(server.url).storage.reset()


def attempts(count: int, *, person: str | None = None, address: str | None = None) -> list[bool]:
    """For each attempt, whether it was allowed."""
    return [throttle.check("sign_in", person=person, address=address) is None for _ in range(count)]


@pytest.mark.usefixtures("storage")
class TestLimits:
    def test_the_attempts_on_a_person_are_limited_over_all_addresses(self) -> None:
        assert attempts(2, person="alice", address=HERE) == [True, True]
        assert attempts(2, person=" ALICE", address=THERE) == [True, False]
        assert attempts(1, person="bob", address=THERE) == [True]

    def test_the_attempts_of_an_address_are_limited_over_all_names(self) -> None:
        assert [attempts(1, person=f"p{n}", address=HERE)[0] for n in range(6)] == [True] * 5 + [False]
        assert attempts(1, person="p9", address=THERE) == [True]

    def test_a_refusal_says_how_long_to_wait(self) -> None:
        attempts(3, person="alice")
        retry_after = throttle.check("sign_in", person="alice")
        assert retry_after is not None
        assert 1 <= retry_after <= 60

    def test_a_success_is_not_counted(self) -> None:
        for _ in range(10):
            assert attempts(1, person="alice", address=HERE) == [True]
            throttle.forgive("sign_in", person="alice", address=HERE)
        assert attempts(4, person="alice", address=HERE) == [True, True, True, False]

    def test_a_customer_cannot_use_up_their_ipv6_network(self) -> None:
        assert attempts(5, address="2001:db8:1:2::1") == [True] * 5
        assert attempts(1, address="2001:db8:1:2:ffff::9") == [False]
        assert attempts(1, address="2001:db8:1:3::1") == [True]
        assert attempts(5, address="::ffff:192.0.2.1") == [True] * 5
        assert attempts(1, address=HERE) == [False]

    @pytest.mark.parametrize("strange", ["a b\r\nFLUSHALL", "\0", "\ud800", "é" * 10_000, "*"])
    def test_strange_names_and_addresses_are_counted_like_others(self, strange: str) -> None:
        assert attempts(4, person=strange) == [True, True, True, False]
        assert attempts(6, address=strange) == [True] * 5 + [False]

    def test_sign_up_has_a_limit_of_its_own(self) -> None:
        attempts(6, address=HERE)
        assert throttle.check("sign_up", address=HERE) is None


def attempts_of_another_process(url: str, count: int) -> int:
    """How many of these attempts at Alice's password another process allows."""
    script = f"""
from limits import RateLimitItemPerMinute
from chat.identity import throttle
throttle.LIMITS["sign_in"] = throttle.Limit(RateLimitItemPerMinute(3), RateLimitItemPerMinute(5))
print(sum(throttle.check("sign_in", person="alice") is None for _ in range({count})))
"""
    return int(manage("shell", "-v0", "-c", script, env=clean_environment(REDIS_URL=url, SECRET_KEY="x" * 50)))


def test_two_processes_share_one_count(redis_server: RedisServer, settings: Any) -> None:
    use_redis(redis_server, settings)
    assert attempts(1, person="alice") == [True]
    assert attempts_of_another_process(redis_server.url, 4) == 2
    assert attempts(1, person="alice") == [False]


def test_without_redis_each_process_counts_for_itself(
    redis_server: RedisServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use_redis(redis_server, settings)
    with redis_server.stopped(), caplog.at_level(logging.WARNING, logger="chat.identity.throttle"):
        assert attempts(5, person="alice") == [True, True, True, False, False]
        throttle.forgive("sign_in", person="alice")
        # Logged once, without the address, which may contain a password.
        assert caplog.messages == ["Attempts are counted per process, Redis fails: ConnectionError"]


def test_a_redis_that_hangs_is_waited_for_once(
    redis_server: RedisServer, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(throttle, "REDIS_TIMEOUT_SECONDS", 0.1)
    use_redis(redis_server, settings)
    with redis_server.paused():
        assert attempts(4, person="alice") == [True, True, True, False]
    assert caplog.messages == ["Attempts are counted per process, Redis fails: TimeoutError"]


def test_when_redis_is_back_it_counts_again(
    redis_server: RedisServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_redis(redis_server, settings)
    monkeypatch.setattr(throttle, "REDIS_REST_SECONDS", 0.0)
    with redis_server.stopped():
        assert attempts(1, person="alice") == [True]
    assert attempts(3, person="alice") == [True] * 3
    assert attempts_of_another_process(redis_server.url, 1) == 0


@pytest.mark.django_db
class TestPasswords:
    def test_the_right_password_is_not_even_tried_after_too_many_wrong_ones(self) -> None:
        user = alice()
        assert check_password(username="alice", password=PASSWORD, address=HERE) == user
        for _ in range(3):
            assert check_password(username="alice", password="wrong", address=HERE) is None
        with pytest.raises(TooManyAttempts) as caught:
            check_password(username="Alice", password=PASSWORD, address=THERE)
        assert 1 <= caught.value.retry_after <= 60
        assert str(caught.value).startswith("Too many attempts. Try again in ")

    @pytest.mark.parametrize(
        ("seconds", "words"), [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (61, "2 minutes")]
    )
    def test_the_wait_is_written_in_words(self, seconds: int, words: str) -> None:
        assert str(TooManyAttempts(seconds)) == f"Too many attempts. Try again in {words}."

    @pytest.mark.parametrize("strange", ["al\0ice", "\ud800", "", "a" * 100_000, "alice\n"])
    def test_hostile_names_and_passwords_are_wrong_ones(self, strange: str) -> None:
        alice()
        assert check_password(username="alice", password=strange, address=HERE) is None
        if strange.strip() != "alice":
            assert check_password(username=strange, password=PASSWORD, address=THERE) is None


def sign_in(client: Client, password: str) -> int:
    return client.post("/accounts/login/", {"login": "alice", "password": password}).status_code


@pytest.mark.django_db
class TestLockingOut:
    @pytest.fixture(autouse=True)
    def _as_shipped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        limits = throttle.Limit(RateLimitItemPerMinute(20), RateLimitItemPerMinute(50), RateLimitItemPerMinute(3))
        monkeypatch.setitem(throttle.LIMITS, "sign_in", limits)

    def test_wrong_passwords_from_one_address_lock_no_one_out_elsewhere(self) -> None:
        user = alice()
        for _ in range(3):
            assert check_password(username="alice", password="wrong", address=HERE) is None
        with pytest.raises(TooManyAttempts):
            check_password(username="alice", password=PASSWORD, address=HERE)
        assert check_password(username="alice", password=PASSWORD, address=THERE) == user

    def test_guessing_from_everywhere_is_slowed_down_as_well(self) -> None:
        alice()
        for number in range(20):
            assert check_password(username="alice", password="wrong", address=f"192.0.2.{number}") is None
        with pytest.raises(TooManyAttempts):
            check_password(username="alice", password="wrong", address="192.0.2.20")

    def test_a_device_that_has_signed_in_before_is_spared(self) -> None:
        alice()
        known, strange = Client(REMOTE_ADDR=THERE), Client(REMOTE_ADDR=THERE)
        assert sign_in(known, PASSWORD) == 302
        known.post("/accounts/logout/")
        for number in range(30):
            with suppress(TooManyAttempts):
                check_password(username="alice", password="wrong", address=f"192.0.2.{number}")
        assert sign_in(strange, PASSWORD) == 200, "refused"
        assert sign_in(known, PASSWORD) == 302

    def test_a_known_device_may_guess_no_more_than_others(self) -> None:
        alice()
        known = Client(REMOTE_ADDR=THERE)
        assert sign_in(known, PASSWORD) == 302
        known.post("/accounts/logout/")
        assert [sign_in(known, "wrong") for _ in range(3)] == [200] * 3
        assert sign_in(known, PASSWORD) == 200, "refused"

    def test_a_forged_cookie_is_none(self) -> None:
        alice()
        client = Client(REMOTE_ADDR=HERE)
        client.cookies["known_device"] = "eyJhIjoiYiJ9:1uXXXX:forged"
        assert sign_in(client, PASSWORD) == 302
