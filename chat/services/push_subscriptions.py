"""Devices that receive pushes: registering, listing and ending them."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from chat.identity import Identity
from chat.identity.credentials import still_valid
from chat.lib import web_push
from chat.lib.address_guard import Guard, Refused
from chat.lib.push_keys import BadKey
from chat.lib.user_agents import device_name
from chat.models import Participant, PushDelivery, PushSubscription
from chat.protocol.errors import ChatError, Code, not_found
from chat.services.publishing import pushes_want

DEVICES_MAX = 20
ENDPOINT_MAX = 1_000
# How long devices that stopped working are listed.
ENDED_KEPT = timedelta(days=30)


def public_key() -> str:
    """The public key that browsers subscribe with."""
    return web_push.public_key(settings.CHAT_PUSH_KEY)


def private_key_of(key: str) -> str | None:
    """The private key of one of our public keys; None if it is neither in CHAT_PUSH_KEY nor in its fallbacks."""
    return next((one for one in (settings.CHAT_PUSH_KEY, *settings.CHAT_PUSH_KEY_FALLBACKS) if _is(one, key)), None)


def _is(private: str, public: str) -> bool:
    return web_push.public_key(private) == public


def guard() -> Guard:
    """The guard that decides which URLs pushes may be sent to."""
    return Guard(frozenset(settings.CHAT_PUSH_ALLOW))


def subscription_add(
    *,
    identity: Identity,
    endpoint: str,
    p256dh: str,
    auth: str,
    name: str = "",
    user_agent: str = "",
    language: str = "",
) -> PushSubscription:
    """Register a device. Registering again renews it; a browser in which another person signs in becomes theirs.

    Raises:
        ChatError: `invalid`; `conflict` when the person has DEVICES_MAX devices; `forbidden` for a token without the
            scope `read`, because a push shows the message.
    """
    if "read" not in identity.scopes:
        raise ChatError(Code.FORBIDDEN, "This token lacks the scope read.")
    _check(endpoint, p256dh, auth)
    kind, key = identity.credential
    user = identity.user
    facts = {
        "user": user,
        "p256dh": p256dh,
        "auth": auth,
        "name": name,
        "user_agent": user_agent[:200],
        "language": language or translation.get_language() or "en",
        "public_key": public_key(),
        "kind": kind,
        "key": key,
        "access_rev": user.access_rev,
        "expires_at": identity.expires_at,
        "ended_at": None,
    }
    with transaction.atomic():
        # Serializes a person's registrations, so that concurrent ones cannot exceed the limit.
        Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
        others = PushSubscription.objects.filter(user=user).exclude(endpoint=endpoint)
        if others.filter(ended_at=None).count() >= DEVICES_MAX:
            sentence = f"You have {DEVICES_MAX} devices with notifications. Turn one off in the settings first."
            raise ChatError(Code.CONFLICT, sentence)
        ended = others.filter(ended_at__isnull=False).order_by("-ended_at", "-id").values_list("pk", flat=True)
        # A person with a push service of their own could otherwise produce any number of ended devices.
        PushSubscription.objects.filter(pk__in=list(ended[DEVICES_MAX:])).delete()
        before = PushSubscription.objects.filter(endpoint=endpoint).first()
        if before and before.user_id != user.pk:
            # The queued pushes of the person before are not for this one.
            before.delete()
        if not before or before.ended_at:
            # It gets no messages from before, or from the time when it did not work.
            facts["created_at"] = timezone.now()
        found, _ = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=facts)
        pushes_want()
    return found


def subscriptions_of(user: Participant) -> list[PushSubscription]:
    """The person's working devices."""
    return list(PushSubscription.objects.filter(user=user, ended_at=None))


def device_of(subscription: PushSubscription) -> str:
    """The device as `Firefox on Windows`, as far as its User-Agent shows."""
    return device_name(subscription.user_agent)


def subscription_end(*, user: Participant, subscription_id: int) -> None:
    """Delete one of the person's devices.

    Raises:
        ChatError: `not_found`.
    """
    if not PushSubscription.objects.filter(user=user, pk=subscription_id).delete()[0]:
        raise not_found("device")


def push_test(*, user: Participant) -> int:
    """Send a test to each device of the person; returns their number."""
    now = timezone.now()
    made = PushDelivery.objects.bulk_create(
        PushDelivery(subscription=one, kind=PushDelivery.Kind.TEST, created_at=now, due_at=now)
        for one in subscriptions_of(user)
        if not one.deliveries.filter(kind=PushDelivery.Kind.TEST).exists()
    )
    pushes_want()
    return len(made)


def subscriptions_clean() -> None:
    """Delete devices whose credential has ended, and those that stopped working long ago."""
    now = timezone.now()
    PushSubscription.objects.filter(ended_at__lt=now - ENDED_KEPT).delete()
    end_invalid(PushSubscription.objects.select_related("user").filter(ended_at=None))


def end_invalid(subscriptions: Collection[PushSubscription]) -> set[int]:
    """Delete those of `subscriptions` (with their users) whose credential is no longer valid; returns their ids.

    Checks a credential only if the person's `access_rev` has changed or the credential has expired.
    """
    now = timezone.now()
    doubtful = [
        one
        for one in subscriptions
        if one.access_rev != one.user.access_rev or (one.expires_at and one.expires_at <= now)
    ]
    ended = set()
    for one in doubtful:
        if still_valid(Identity(one.user, one.kind, one.key)):  # type: ignore[arg-type]  # the kinds of `Ticket`
            PushSubscription.objects.filter(pk=one.pk).update(access_rev=one.user.access_rev)
        else:
            ended.add(one.pk)
    PushSubscription.objects.filter(pk__in=ended).delete()
    return ended


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    problems = {}
    if len(endpoint) > ENDPOINT_MAX:
        problems["endpoint"] = f"must have at most {ENDPOINT_MAX} characters"
    else:
        try:
            guard().check(endpoint)
        except Refused as error:
            problems["endpoint"] = str(error)
    try:
        web_push.Recipient(p256dh, auth).check()
    except BadKey as error:
        problems["keys"] = str(error)
    if problems:
        name, problem = next(iter(problems.items()))
        raise ChatError(Code.INVALID, f"{name}: {problem}.", fields=problems)
