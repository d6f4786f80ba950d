"""Who is asking: every way to be known, and every way it ends."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import User
from chat.identity import Identity, jwt, tickets
from chat.identity.credentials import identify, is_anonymous, relies_on_cookie, still_valid
from chat.models import ApiToken, Ticket
from chat.services.tokens import token_issue, token_revoke
from support.accounts import PASSWORD, alice, bob

pytestmark = pytest.mark.django_db


def ask(
    *, bearer: str | None = None, cookie: str | None = None, token: str | None = None, ticket: str | None = None
) -> Identity | None:
    headers = {"authorization": f"Bearer {bearer}"} if bearer is not None else {}
    query = {name: value for name, value in (("token", token), ("ticket", ticket)) if value is not None}
    return identify(headers=headers, cookies={"sessionid": cookie} if cookie is not None else {}, query=query)


def known(identity: Identity | None) -> Identity:
    assert identity is not None
    return identity


def session_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies["sessionid"].value


def test_a_stranger_has_no_identity() -> None:
    assert ask() is None
    assert is_anonymous(headers={}, cookies={"theme": "dark"}, query={"room": "lobby"})


class TestSession:
    def test_a_signed_in_browser_is_known_until_its_session_expires(self) -> None:
        user = alice()
        identity = known(ask(cookie=session_of(user)))
        assert (identity.user, identity.kind) == (user.participant, "session")
        assert identity.expires_at == Session.objects.get().expire_date
        assert still_valid(identity)

    def test_an_expired_session_is_refused(self) -> None:
        key = session_of(alice())
        identity = known(ask(cookie=key))
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert ask(cookie=key) is None
        assert not still_valid(identity)

    @pytest.mark.parametrize("key", ["", "x", "a" * 4000, "ключ", "a\0b", "' OR 1=1 --"])
    def test_an_invented_session_is_refused(self, key: str) -> None:
        session_of(alice())
        assert ask(cookie=key) is None

    def test_signing_out_ends_that_browser_and_no_other(self, told: list[int], transactional_db: None) -> None:
        user = alice()
        here, there = Client(), Client()
        here.force_login(user)
        there.force_login(user)
        ours, theirs = (known(ask(cookie=browser.cookies["sessionid"].value)) for browser in (here, there))
        here.post("/accounts/logout/")
        assert not still_valid(ours)
        assert still_valid(theirs)
        assert told == [user.participant.pk]

    def test_another_browser_is_signed_out_by_a_new_password_and_this_one_stays(self) -> None:
        user = alice()
        here, there = Client(), Client()
        here.force_login(user)
        there.force_login(user)
        theirs = known(ask(cookie=there.cookies["sessionid"].value))
        here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "a longer horse"})
        assert not still_valid(theirs)
        assert ask(cookie=here.cookies["sessionid"].value)

    def test_a_session_signed_with_a_retired_secret_still_counts(self, settings: Any) -> None:
        key = session_of(alice())
        data = Session.objects.get().get_decoded()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the next secret", [settings.SECRET_KEY]
        assert Session.objects.get().get_decoded() == data
        assert ask(cookie=key)
        assert Session.objects.get().session_key == key

    def test_a_session_without_a_person_is_refused(self) -> None:
        browser = Client()
        session = browser.session
        session["draft"] = "…"
        session.save()
        assert session.session_key is not None
        assert ask(cookie=session.session_key) is None

    def test_a_session_ends_at_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        key = session_of(alice())
        end = Session.objects.get().expire_date
        monkeypatch.setattr(timezone, "now", lambda: end - timedelta(microseconds=1))
        assert ask(cookie=key)
        monkeypatch.setattr(timezone, "now", lambda: end)
        assert ask(cookie=key) is None

    @pytest.mark.parametrize("key", ["", "ключ", "a\x00" * 16, "' OR 1=1 --"])
    def test_what_can_be_no_session_key_is_not_sent_to_the_database(
        self, key: str, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            assert ask(cookie=key) is None

    @pytest.mark.parametrize("field", ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"])
    @pytest.mark.parametrize("value", [None, "", "0"])
    def test_a_session_without_person_backend_or_hash_is_refused(self, field: str, value: str | None) -> None:
        browser = Client()
        browser.force_login(alice())
        session = browser.session
        if value is None:
            del session[field]
        else:
            session[field] = value or ("0" if field == "_auth_user_id" else "")
        session.save()
        assert session.session_key is not None
        assert ask(cookie=session.session_key) is None

    def test_the_session_of_a_deactivated_account_is_refused(self) -> None:
        user = alice()
        key = session_of(user)
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert ask(cookie=key) is None

    def test_the_session_of_a_person_who_is_no_more_is_refused(self) -> None:
        user = alice()
        key = session_of(user)
        User.objects.filter(pk=user.pk).delete()
        assert ask(cookie=key) is None


class TestApiToken:
    def test_a_program_is_known_by_header_and_by_query(self) -> None:
        user = alice()
        _, key = token_issue(user=user.participant, name="bot")
        for identity in (known(ask(bearer=key)), known(ask(token=key))):
            assert (identity.user, identity.kind) == (user.participant, "token")
            assert still_valid(identity)

    def test_the_key_is_neither_stored_nor_shown(self) -> None:
        token, key = token_issue(user=alice().participant, name="bot")
        row = ApiToken.objects.values().get(pk=token.pk)
        assert key not in str(row)
        assert key[8:] not in repr(known(ask(bearer=key)))
        assert token.token_hash not in repr(known(ask(bearer=key)))

    def test_an_expired_token_is_refused(self) -> None:
        token, key = token_issue(user=alice().participant, name="bot", lifetime=timedelta(days=1))
        identity = known(ask(bearer=key))
        assert identity.expires_at == token.expires_at
        ApiToken.objects.update(expires_at=timezone.now())
        assert ask(bearer=key) is None
        assert not still_valid(identity)

    def test_a_revoked_token_is_refused_and_its_sockets_are_checked(
        self, told: list[int], transactional_db: None
    ) -> None:
        user = alice()
        token, key = token_issue(user=user.participant, name="bot")
        identity = known(ask(bearer=key))
        token_revoke(token=token)
        token_revoke(token=token)
        assert ask(bearer=key) is None
        assert not still_valid(identity)
        assert told == [user.participant.pk]

    def test_the_token_of_a_deactivated_account_is_refused(self) -> None:
        user = alice()
        _, key = token_issue(user=user.participant, name="bot")
        identity = known(ask(bearer=key))
        services.account_deactivate(user=user)
        assert ask(bearer=key) is None
        assert not still_valid(identity)

    def test_its_last_use_is_written_once_a_minute(self, django_assert_num_queries: Any) -> None:
        _, key = token_issue(user=alice().participant, name="bot")
        with django_assert_num_queries(2):
            ask(bearer=key)
        with django_assert_num_queries(1):
            ask(bearer=key)
        ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
        with django_assert_num_queries(2):
            ask(bearer=key)
        last = ApiToken.objects.get().last_used_at
        assert last is not None
        assert timezone.now() - last < timedelta(seconds=30)

    def test_the_use_of_a_token_is_written_on_that_token_only(self) -> None:
        user = alice()
        (used, key), (unused, _) = (token_issue(user=user.participant, name=name) for name in ("bot", "spare"))
        ask(bearer=key)
        used.refresh_from_db()
        unused.refresh_from_db()
        assert used.last_used_at is not None
        assert unused.last_used_at is None

    def test_its_last_use_is_written_again_after_a_whole_minute(
        self, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        _, key = token_issue(user=alice().participant, name="bot")
        ask(bearer=key)
        used = ApiToken.objects.get().last_used_at
        assert used is not None
        for later, queries in ((timedelta(minutes=1), 1), (timedelta(minutes=1, microseconds=1), 2)):
            monkeypatch.setattr(timezone, "now", lambda later=later: used + later)
            with django_assert_num_queries(queries):
                ask(bearer=key)

    def test_a_use_that_another_process_has_written_meanwhile_is_not_written_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, key = token_issue(user=alice().participant, name="bot")
        now, asked = timezone.now(), 0

        def written_meanwhile() -> Any:
            nonlocal asked
            asked += 1
            # First which tokens are valid; the second time is after the token was read.
            if asked == 2:
                ApiToken.objects.update(last_used_at=now - timedelta(seconds=1))
            return now

        monkeypatch.setattr(timezone, "now", written_meanwhile)
        ask(bearer=key)
        token.refresh_from_db()
        assert token.last_used_at == now - timedelta(seconds=1)

    @pytest.mark.parametrize("header", ["Bearer {}", "bearer  {} ", "BEARER {}\t"])
    def test_the_scheme_has_no_case_and_space_around_the_token_is_ignored(self, header: str) -> None:
        user = alice()
        _, key = token_issue(user=user.participant, name="bot")
        identity = identify(headers={"authorization": header.format(key)}, cookies={}, query={})
        assert known(identity).user == user.participant


def forged(user: User, *, key: bytes, algorithm: str, **changes: Any) -> str:
    now = timezone.now()
    claims = {
        "sub": str(user.participant.pk),
        "iat": now,
        "exp": now + timedelta(hours=1),
        "gen": jwt.generation(user.participant),
    }
    return pyjwt.encode({name: v for name, v in (claims | changes).items() if v is not None}, key, algorithm=algorithm)


def unsigned(user: User) -> str:
    parts = [
        {"alg": "none", "typ": "JWT"},
        {"sub": str(user.participant.pk), "exp": 9999999999, "gen": jwt.generation(user.participant)},
    ]
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


class TestJwt:
    def test_it_signs_a_program_in_until_it_expires(self) -> None:
        user = alice()
        identity = known(ask(bearer=jwt.issue(user.participant)))
        assert (identity.user, identity.kind) == (user.participant, "jwt")
        assert identity.expires_at is not None
        assert timedelta() < identity.expires_at - timezone.now() <= jwt.LIFETIME
        assert still_valid(identity)

    def test_an_expired_one_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user = alice()
        token = jwt.issue(user.participant)
        identity = known(ask(token=token))
        later = timezone.now() + jwt.LIFETIME + timedelta(seconds=1)
        monkeypatch.setattr(timezone, "now", lambda: later)
        assert not still_valid(identity)
        past = later - 3 * jwt.LIFETIME
        monkeypatch.setattr(timezone, "now", lambda: past)
        old = jwt.issue(user.participant)
        monkeypatch.undo()
        assert ask(bearer=old) is None

    def test_it_ends_at_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user = alice()
        identity = known(ask(bearer=jwt.issue(user.participant)))
        end = identity.expires_at
        assert end is not None
        monkeypatch.setattr(timezone, "now", lambda: end - timedelta(microseconds=1))
        assert still_valid(identity)
        monkeypatch.setattr(timezone, "now", lambda: end)
        assert not still_valid(identity)

    def test_that_of_a_deactivated_account_is_refused(self) -> None:
        user = alice()
        token = jwt.issue(user.participant)
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert ask(bearer=token) is None

    @pytest.mark.parametrize(
        ("algorithm", "key", "changes"),
        [
            ("HS256", b"another key, just as long as ours", {}),
            ("HS512", None, {}),
            ("HS256", None, {"exp": None}),
            ("HS256", None, {"iat": None}),
            ("HS256", None, {"gen": None}),
            ("HS256", None, {"gen": "0" * 16}),
            ("HS256", None, {"gen": ["a", "list"]}),
            ("HS256", None, {"sub": None}),
            ("HS256", None, {"sub": "0"}),
            ("HS256", None, {"sub": "alice"}),
            ("HS256", None, {"iat": 9999999999}),
            ("HS256", None, {"exp": 10**400}),
        ],
    )
    @pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
    def test_a_forged_one_is_refused(self, algorithm: str, key: bytes | None, changes: dict[str, Any]) -> None:
        assert ask(bearer=forged(alice(), key=key or jwt._key(), algorithm=algorithm, **changes)) is None

    def test_one_without_a_signature_is_refused(self) -> None:
        assert ask(bearer=unsigned(alice())) is None

    @pytest.mark.parametrize(
        "garbage", ["", ".", "..", "a.b.c", "bc_", "bc_\0", "é" * 100, "{}", "Bearer", "x" * 50_000]
    )
    def test_garbage_is_refused(self, garbage: str) -> None:
        alice()
        assert ask(bearer=garbage) is None
        assert ask(token=garbage) is None
        assert ask(ticket=garbage) is None

    def test_it_dies_with_a_new_password(self) -> None:
        user = alice()
        token = jwt.issue(user.participant)
        identity = known(ask(bearer=token))
        user.set_password("another horse battery")
        user.save()
        assert ask(bearer=token) is None
        assert not still_valid(identity)

    def test_it_dies_with_sign_out_everywhere_and_the_api_token_lives(self) -> None:
        user = alice()
        token, (_, key) = jwt.issue(user.participant), token_issue(user=user.participant, name="bot")
        services.sign_out_everywhere(user=user)
        assert ask(bearer=token) is None
        assert ask(bearer=key)
        assert ask(bearer=jwt.issue(user.participant))

    def test_it_stays_dead_when_a_deactivated_account_comes_back(self) -> None:
        user = alice()
        token, cookie = jwt.issue(user.participant), session_of(user)
        services.account_deactivate(user=user)
        assert ask(bearer=token) is None
        user.is_active = True
        user.save()
        assert ask(bearer=token) is None
        assert ask(cookie=cookie) is None


class TestTicket:
    def test_it_opens_one_socket(self) -> None:
        user = alice()
        ticket = tickets.issue(known(ask(cookie=session_of(user))))
        identity = known(ask(ticket=ticket))
        assert (identity.user, identity.kind) == (user.participant, "ticket")
        assert still_valid(identity)
        assert ask(ticket=ticket) is None

    def test_after_half_a_minute_it_is_refused_and_deleted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        identity = known(ask(bearer=jwt.issue(alice().participant)))
        late, unused = tickets.issue(identity), tickets.issue(identity)
        later = timezone.now() + Ticket.LIFETIME
        monkeypatch.setattr(timezone, "now", lambda: later)
        assert ask(ticket=late) is None
        monkeypatch.setattr(timezone, "now", lambda: later + timedelta(seconds=1))
        tickets.issue(identity)
        assert Ticket.objects.count() == 1
        assert ask(ticket=unused) is None

    def test_it_dies_with_the_session_that_asked_for_it(self) -> None:
        cookie = session_of(alice())
        asked, opened = (tickets.issue(known(ask(cookie=cookie))) for _ in range(2))
        socket = known(ask(ticket=opened))
        Session.objects.all().delete()
        assert ask(ticket=asked) is None
        assert not still_valid(socket)

    def test_a_ticket_from_a_ticket_dies_with_the_same_token(self) -> None:
        token, key = token_issue(user=alice().participant, name="bot")
        first = known(ask(ticket=tickets.issue(known(ask(bearer=key)))))
        second = known(ask(ticket=tickets.issue(first)))
        assert second.key == first.key
        token_revoke(token=token)
        assert not still_valid(second)

    def test_what_is_stored_redeems_nothing(self) -> None:
        ticket = tickets.issue(known(ask(cookie=session_of(alice()))))
        stored = Ticket.objects.get().ticket_hash
        assert stored != ticket
        assert ask(ticket=stored) is None


@pytest.mark.parametrize(
    ("headers", "cookies", "query", "by_cookie", "anonymous"),
    [
        ({}, {}, {}, False, True),
        ({}, {"theme": "dark"}, {"room": "lobby"}, False, True),
        ({}, {"sessionid": ""}, {}, False, True),
        ({}, {"sessionid": "key"}, {}, True, False),
        ({"authorization": "Basic x"}, {"sessionid": "key"}, {}, True, False),
        ({"authorization": "Basic x"}, {}, {}, False, True),
        ({"authorization": "Bearer x"}, {"sessionid": "key"}, {}, False, False),
        ({"authorization": "Bearer x"}, {}, {}, False, False),
        ({"authorization": "Bearer"}, {"sessionid": "key"}, {}, False, False),
        ({}, {"sessionid": "key"}, {"token": "x"}, False, False),
        ({}, {}, {"token": ""}, False, False),
        ({}, {"sessionid": "key"}, {"ticket": "x"}, False, False),
        ({}, {}, {"ticket": ""}, False, False),
        ({"token": "x", "ticket": "x"}, {}, {"authorization": "Bearer x"}, False, True),
    ],
)
def test_a_request_relies_on_the_cookie_only_if_it_sends_no_other_credential(
    headers: dict[str, str], cookies: dict[str, str], query: dict[str, str], by_cookie: bool, anonymous: bool
) -> None:
    assert relies_on_cookie(headers=headers, cookies=cookies, query=query) is by_cookie
    assert is_anonymous(headers=headers, cookies=cookies, query=query) is anonymous


class TestPrecedence:
    def test_a_token_wins_over_the_cookie(self) -> None:
        cookie = session_of(alice())
        _, key = token_issue(user=bob().participant, name="bot")
        assert known(ask(cookie=cookie, bearer=key)).user.username == "bob"
        assert known(ask(cookie=cookie, token=key)).user.username == "bob"

    def test_a_bad_token_never_falls_back_to_the_cookie(self) -> None:
        cookie = session_of(alice())
        assert ask(cookie=cookie)
        for bad in ("", "bc_wrong", "a.b.c"):
            assert ask(cookie=cookie, bearer=bad) is None
            assert ask(cookie=cookie, token=bad) is None
            assert ask(cookie=cookie, ticket=bad) is None

    def test_a_password_for_the_proxy_is_not_a_token_of_ours(self) -> None:
        cookies = {"sessionid": session_of(alice())}
        basic = {"authorization": "Basic YWxpY2U6c2VjcmV0"}
        assert identify(headers=basic, cookies=cookies, query={})
        assert relies_on_cookie(headers=basic, cookies=cookies, query={})

    def test_an_identity_is_not_another_persons(self) -> None:
        mine = known(ask(bearer=jwt.issue(alice().participant)))
        assert not still_valid(Identity(bob().participant, mine.kind, mine.key))
