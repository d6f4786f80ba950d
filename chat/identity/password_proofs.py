"""Proof that the password was given beside an open session, for one act: an address carries it for a minute."""

from django.core import signing

from chat.identity import Identity
from chat.models.credentials import digest

PROOF_SECONDS = 60
_SALT = "chat.password-proof"


def proof_issue(identity: Identity, act: str) -> str:
    """A proof for this credential and no other, so that an address that was copied opens nothing elsewhere. The caller
    has checked the password."""
    return signing.dumps(_facts(identity, act), salt=_SALT)


def proof_holds(identity: Identity, act: str, proof: str) -> bool:
    """Whether it is one, for this act, and not older than a minute."""
    try:
        return bool(signing.loads(proof, salt=_SALT, max_age=PROOF_SECONDS) == _facts(identity, act))
    except signing.BadSignature:
        return False


def _facts(identity: Identity, act: str) -> list[str]:
    # The key itself must not stand in an address.
    return [str(identity.user.pk), digest(":".join(identity.credential)), act]
