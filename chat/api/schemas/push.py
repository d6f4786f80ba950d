"""Devices that take notifications."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body
from chat.protocol.fields import DeviceName


class PushKeys(Body):
    """The keys of the browser's subscription, as base64url."""

    p256dh: Annotated[str, Field(max_length=100)]
    auth: Annotated[str, Field(max_length=32)]


class NewSubscription(Body):
    """A browser's `PushSubscription`, as `toJSON()` gives it, and a name for the device."""

    endpoint: Annotated[str, Field(max_length=2_000)]
    keys: PushKeys
    name: DeviceName = ""
    expirationTime: float | int | None = None


class PushKey(BaseModel):
    """The server's public key, as base64url."""

    public_key: str


class Registered(BaseModel):
    """The id of the subscription."""

    id: int


class Subscription(BaseModel):
    """A device that takes notifications."""

    id: int
    name: str
    created_at: str
    last_sent_at: str | None


class Subscriptions(BaseModel):
    """Your devices."""

    subscriptions: list[Subscription]
