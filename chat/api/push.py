"""Endpoints of the devices that receive push notifications."""

from django.http import HttpResponse
from django.utils import translation
from ninja import Router

from chat.api.authentication import AuthedRequest, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.base import Number
from chat.api.schemas.push import NewSubscription, PushKey, Registered, Subscription, Subscriptions
from chat.live import db
from chat.models import PushSubscription
from chat.protocol.errors import Code
from chat.protocol.events import stamp
from chat.services import push_subscriptions

router = Router(tags=["Notifications"], auth=signed_in)


@router.get("/push/key", response=PushKey)
async def push_key(request: AuthedRequest) -> HttpResponse:  # noqa: ARG001 -- the router's interface
    """The server's public key: `applicationServerKey` of `pushManager.subscribe`."""
    return json_response(PushKey(public_key=await db.run(push_subscriptions.public_key)).model_dump_json())


@router.post("/push/subscriptions", response={201: Registered} | refusals(Code.CONFLICT))
async def add_subscription(request: AuthedRequest, body: NewSubscription) -> HttpResponse:
    """Register a browser's subscription. It ends with the session or token of this request. Registering it again
    renews it."""
    made = await db.run(
        push_subscriptions.subscription_add,
        identity=request.auth,
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        name=body.name,
        user_agent=request.headers.get("User-Agent", ""),
        language=translation.get_language() or "",
    )
    return json_response(Registered(id=made.pk).model_dump_json(), 201)


@router.get("/push/subscriptions", response=Subscriptions)
async def list_subscriptions(request: AuthedRequest) -> HttpResponse:
    """Your devices that take notifications."""
    found = await db.run(push_subscriptions.subscriptions_of, request.auth.user)
    return json_response(Subscriptions(subscriptions=[_shown(one) for one in found]).model_dump_json())


@router.delete("/push/subscriptions/{subscription}", response={204: None})
async def end_subscription(request: AuthedRequest, subscription: Number) -> HttpResponse:
    """Turn a device of yours off."""
    await db.run(push_subscriptions.subscription_end, user=request.auth.user, subscription_id=subscription)
    return HttpResponse(status=204)


def _shown(one: PushSubscription) -> Subscription:
    return Subscription(
        id=one.pk,
        name=one.name or push_subscriptions.device_of(one),
        created_at=stamp(one.created_at),
        last_sent_at=stamp(one.sent_at) if one.sent_at else None,
    )
