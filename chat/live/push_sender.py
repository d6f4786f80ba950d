"""Sends pushes: a device's in their order, many devices at a time."""

import asyncio
import email.utils
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from chat.services.push_queue import Outcome, Outgoing
from chat.services.push_subscriptions import guard
from lib import web_push
from lib.address_guard import Refused
from lib.outbound import Failed, Outbound
from lib.push_keys import BadKey

# Seconds for one request; a lease of the work outlasts several.
REQUEST_SECONDS = 8.0
ANSWER_MAX_BYTES = 16 * 1024
AT_ONCE = 32
# Answers about one push: bad request, too large.
_OF_THE_PUSH = frozenset({400, 413})


class PushSender:
    """Holds the connections to push services; for one event loop."""

    def __init__(self) -> None:
        self._client = Outbound(guard(), seconds=REQUEST_SECONDS, max_bytes=ANSWER_MAX_BYTES, connections=AT_ONCE)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def send(self, pushes: Sequence[Outgoing]) -> list[Outcome]:
        """Send these, and return what became of each."""
        devices: defaultdict[int, list[Outgoing]] = defaultdict(list)
        for push in pushes:
            devices[push.subscription_id].append(push)
        results = await asyncio.gather(*(self._device(own) for own in devices.values()))
        return [outcome for own in results for outcome in own]

    async def _device(self, pushes: list[Outgoing]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        async with self._places:
            for push in pushes:
                # After a failure that is not of this push alone the others would meet the same: they wait with it.
                failed = outcomes and outcomes[-1].status not in _OF_THE_PUSH and not outcomes[-1].taken
                outcomes.append(replace(outcomes[-1], outgoing=push) if failed else await self._one(push))
        return outcomes

    async def _one(self, push: Outgoing) -> Outcome:
        try:
            body = web_push.encrypt(push.text, push.recipient)
            headers = web_push.headers(
                push.endpoint,
                private_key=push.private_key,
                contact=settings.CHAT_PUSH_CONTACT,
                ttl=push.ttl,
                urgency=push.urgency,
                topic=push.topic,
            )
            answer = await self._client.request("POST", push.endpoint, headers=headers, content=body)
        except BadKey:
            return Outcome(push, failure="keys")
        except Refused:
            return Outcome(push, failure="address")
        except Failed as error:
            return Outcome(push, failure=str(error))
        return Outcome(push, answer.status, retry_after=seconds_of(answer.headers.get("retry-after", "")))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def seconds_of(retry_after: str) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        return max(email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError):
        return None
