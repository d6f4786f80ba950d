"""JWTs: signed by this server, valid until they expire or their owner's access changes."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from django.utils import timezone

from accounts import services
from accounts.models import User
from chat.identity import jwt
from chat.identity.credentials import still_valid
from chat.services.tokens import token_issue
from support.accounts import alice
from tests.accounts.identifying import ask, known, session_of

pytestmark = pytest.mark.django_db


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
