"""API tokens, valid until revoked or expired, and tickets, which open one socket."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import services
from chat.identity import jwt, tickets
from chat.identity.credentials import identify, still_valid
from chat.models import ApiToken, Ticket
from chat.services.tokens import token_issue, token_revoke
from support.accounts import alice
from tests.accounts.identifying import ask, known, session_of

pytestmark = pytest.mark.django_db


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
            # The first call checks which tokens are valid; the second comes after the token was read.
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
