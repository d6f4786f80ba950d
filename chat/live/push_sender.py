"""Sends pushes: those for one device in order, to many devices at a time."""

import asyncio
import email.utils
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from chat.lib import web_push
from chat.lib.address_guard import Refused
from chat.lib.outbound import Failed
from chat.lib.outbound_names import on_behalf_of
from chat.lib.outbound_posts import OutboundPosts
from chat.lib.push_keys import BadKey
from chat.services.push_queue import Outcome
from chat.services.push_rows import AT_ONCE
from chat.services.push_subscriptions import guard
from chat.services.push_texts import Outgoing

logger = logging.getLogger(__name__)

# Seconds for one request; the lease lasts for several.
REQUEST_SECONDS = 8.0
ANSWER_MAX_BYTES = 16 * 1024
# Seconds before the results of a group of pushes are recorded, and the next group starts.
ENOUGH_SECONDS = 1.0
# Statuses that concern one push only: bad request, too large.
_OF_THE_PUSH = frozenset({400, 413})


class PushSender:
    """Holds the connections to push services, and the pushes under way; for one event loop."""

    def __init__(self) -> None:
        self._client = OutboundPosts(guard(), seconds=REQUEST_SECONDS, max_bytes=ANSWER_MAX_BYTES, connections=AT_ONCE)
        self._encrypting = asyncio.Lock()
        # By device id.
        self._sending: dict[int, asyncio.Task[list[Outcome]]] = {}
        # The user of each of these devices, and its number of pushes.
        self._counts: dict[int, tuple[int, int]] = {}

    @property
    def busy(self) -> frozenset[int]:
        """The ids of the devices that pushes are being sent to: further pushes for them are sent later."""
        return frozenset(self._sending)

    @property
    def places(self) -> int:
        """The number of further pushes that may be sent."""
        return AT_ONCE - sum(number for _, number in self._counts.values())

    @property
    def on_way(self) -> Mapping[int, int]:
        """The number of pushes under way per user id."""
        found = Counter[int]()
        for person, number in self._counts.values():
            found[person] += number
        return found

    async def send(self, pushes: Sequence[Outgoing], *, seconds: float | None = ENOUGH_SECONDS) -> list[Outcome]:
        """Send these to devices that are not `busy`. Returns the known outcomes, of these and of earlier ones, after
        `seconds` (None: all outcomes). A push service that is slow or hangs delays only its own devices."""
        devices: defaultdict[int, list[Outgoing]] = defaultdict(list)
        for push in pushes:
            devices[push.subscription_id].append(push)
        new: dict[int, asyncio.Task[list[Outcome]]] = {}
        self._counts |= {device: (own[0].user_id, len(own)) for device, own in devices.items()}
        for device, own in devices.items():
            new[device] = self._sending[device] = asyncio.create_task(self._device(own))
            # Start one per turn of the loop, so that none waits for another's encryption.
            await asyncio.sleep(0)
        # Without new ones, wait for the earlier ones.
        if waited := self._sending if seconds is None else new or self._sending:
            await asyncio.wait(waited.values(), timeout=seconds)
        done = [device for device, task in self._sending.items() if task.done()]
        return [outcome for device in done for outcome in self._taken(device)]

    def _taken(self, device: int) -> list[Outcome]:
        del self._counts[device]
        return self._sending.pop(device).result()

    async def _device(self, pushes: list[Outgoing]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        began = time.monotonic()
        for push in pushes:
            if outcomes and time.monotonic() - began > REQUEST_SECONDS:
                # The lease must not expire meanwhile: the rest stays in the queue.
                break
            # After a failure that does not concern this push alone, give the others the same outcome: they would fail.
            failed = outcomes and outcomes[-1].status not in _OF_THE_PUSH and not outcomes[-1].taken
            outcomes.append(replace(outcomes[-1], outgoing=push) if failed else await self._one(push))
        return outcomes

    async def _one(self, push: Outgoing) -> Outcome:
        try:
            # Encrypting takes 0.3 ms: one per turn of the event loop, so that sockets are served in between.
            async with self._encrypting:
                body = web_push.encrypt(push.text, push.recipient)
                await asyncio.sleep(0)
            headers = web_push.headers(
                push.endpoint,
                private_key=push.private_key,
                contact=settings.CHAT_PUSH_CONTACT,
                ttl=push.ttl,
                urgency=push.urgency,
                topic=push.topic,
            )
            with on_behalf_of(push.user_id):
                reply = await self._client.post(push.endpoint, headers=headers, content=body)
            return Outcome(push, reply.status, retry_after=seconds_of(reply.headers.get("retry-after", "")))
        except BadKey:
            return Outcome(push, failure="keys")
        except Refused:
            return Outcome(push, failure="address")
        except Failed as error:
            return Outcome(push, failure=str(error))
        except Exception:
            # Only this push fails: the others go on.
            logger.exception("A push could not be made.")
            return Outcome(push, failure="error")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def seconds_of(retry_after: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        return max(email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        # OverflowError: years and time zones with more digits than a machine integer holds.
        return None
