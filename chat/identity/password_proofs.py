"""Proof that the user of an open session entered the password for one act: a URL carries it for a minute."""

from django.core import signing

from chat.identity import Identity
from chat.models.credentials import digest

PROOF_SECONDS = 60
_SALT = "chat.password-proof"


def proof_issue(identity: Identity, act: str) -> str:
    """Return a proof for this credential only, so that a copied URL is useless elsewhere. The caller must have checked
    the password."""
    return signing.dumps(_facts(identity, act), salt=_SALT)


def proof_holds(identity: Identity, act: str, proof: str) -> bool:
    """Return whether the proof is valid for this act, and at most a minute old."""
    try:
        return bool(signing.loads(proof, salt=_SALT, max_age=PROOF_SECONDS) == _facts(identity, act))
    except signing.BadSignature:
        return False


def _facts(identity: Identity, act: str) -> list[str]:
    # The URL must not contain the key itself.
    return [str(identity.user.pk), digest(":".join(identity.credential)), act]
