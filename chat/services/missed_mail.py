"""E-mails about missed mentions and direct messages: one for all of them, to a confirmed address."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from chat.formatting.tree import parse, plain
from chat.lib.mail import Mail
from chat.models import Attention, Membership, Mention, Message, Notification
from chat.queries.files import file_names_of
from chat.services import mail_addresses
from chat.services.markup import html_of
from chat.services.notification_audience import wishes_at
from chat.services.push_texts import title_of

logger = logging.getLogger(__name__)

# How long a mention stays unread before an e-mail is sent.
WAITS = {Attention.Mail.QUARTER: timedelta(minutes=15), Attention.Mail.HOUR: timedelta(hours=1)}
# The hour of the daily e-mail, in the person's time zone.
DAILY_HOUR = 8
# Messages shown in one e-mail; it states how many more there are.
MESSAGES_MAX = 20
# E-mails prepared per step.
MAILS_STEP = 20


@dataclass(frozen=True, slots=True)
class Missed:
    """An e-mail to send, with the ids of the notifications that it covers."""

    user_id: int
    message: Mail
    notification_ids: tuple[int, ...]


def mails_due(*, now: datetime | None = None, limit: int = MAILS_STEP, without: Collection[int] = ()) -> list[Missed]:
    """The e-mails to send now. `without`: the ids of people whose mailbox accepts none at the moment."""
    if not mail_addresses.possible():
        return []
    now = now or timezone.now()
    waiting = Notification.objects.filter(mail=True).values("user")
    people = (
        Attention.objects.filter(user__in=waiting, user__is_active=True)
        .exclude(mail=Attention.Mail.NEVER)
        .exclude(mail_verified="")
        .exclude(user__in=without)
        .select_related("user__user")
        .order_by("pk")
    )
    found: list[Missed] = []
    for person in people.iterator():
        if len(found) == limit:
            break
        if mail_addresses.is_confirmed(person) and _is_time(person, now) and (missed := _missed(person)):
            found.append(missed)
    return found


def _is_time(person: Attention, now: datetime) -> bool:
    wishes = wishes_at(person, "mentions", now)
    if wishes.paused or wishes.quiet:
        return False
    before = _daily(person, now) if person.mail == Attention.Mail.DAILY else now - WAITS[Attention.Mail(person.mail)]
    # When one notification has waited long enough, the e-mail includes the later ones.
    return Notification.objects.filter(user=person.user_id, mail=True, created_at__lte=before).exists()


def _daily(person: Attention, now: datetime) -> datetime:
    """The most recent time of the daily e-mail."""
    local = now.astimezone(ZoneInfo(person.zone))
    last = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return last if last <= local else last - timedelta(days=1)


def _missed(person: Attention) -> Missed | None:
    """The e-mail for what is still unread; drops the other notifications."""
    rows = list(Notification.objects.filter(user=person.user_id, mail=True).order_by("id"))
    marks = {
        room_id: (read, cleared)
        for room_id, read, cleared in Membership.objects.filter(
            user=person.user_id, room__in={row.room_id for row in rows}
        ).values_list("room_id", "read_seq", "room__cleared_before_seq")
    }
    unread = [row for row in rows if _is_unread(row, *marks.get(row.room_id, (row.seq, 0)))]
    places = reduce(or_, (Q(room_id=row.room_id, seq=row.seq) for row in unread), Q(pk=None))
    messages = Message.objects.filter(places, deleted_at=None).select_related("author", "room")
    there = {(one.room_id, one.seq): one for one in messages}
    unread = [row for row in unread if (row.room_id, row.seq) in there]
    over = {row.pk for row in rows} - {row.pk for row in unread}
    Notification.objects.filter(pk__in=over).update(mail=False)
    if not unread:
        return None
    shown = [there[row.room_id, row.seq] for row in unread[:MESSAGES_MAX]]
    ids = tuple(row.pk for row in unread)
    with translation.override(person.language):
        return Missed(person.user_id, _written(person, shown, ids), ids)


def _is_unread(row: Notification, read_seq: int, cleared_before: int) -> bool:
    return read_seq < row.seq and cleared_before <= row.seq


def _written(person: Attention, messages: list[Message], ids: tuple[int, ...]) -> Mail:
    mentioned = Mention.objects.filter(message__in=messages).values_list("user__username", "user__display_name")
    names = {username.lower(): name for username, name in mentioned if name}
    file_names = file_names_of(messages)
    entries = [
        {
            "title": title_of(one.room, one),
            "text": plain(parse(one.text, None)) or file_names.get(one.pk, ""),
            "files": file_names.get(one.pk, ""),
            "html": html_of(parse(one.text, None), names=names, room_address=lambda _slug: None),
            "url": f"{settings.CHAT_PUBLIC_URL}{reverse('chat:room', args=[one.room.slug])}#m{one.seq}",
        }
        for one in messages
    ]
    stop = settings.CHAT_PUBLIC_URL + reverse(
        "chat:unsubscribe", args=[mail_addresses.unsubscribe_token(person.user_id)]
    )
    context = {
        "entries": entries,
        "more": len(ids) - len(messages),
        "unsubscribe": stop,
        "settings": settings.CHAT_PUBLIC_URL + reverse("chat:settings") + "#notifications",
    }
    subject = ngettext("%(n)d missed message", "%(n)d missed messages", len(ids)) % {"n": len(ids)}
    if len(ids) == 1:
        subject = str(entries[0]["title"])
    host = urlsplit(settings.CHAT_PUBLIC_URL).hostname or "localhost"
    thread = f"<missed.{person.user_id}@{host}>"
    made = Mail(
        " ".join(subject.split()),
        render_to_string("chat/mail/missed.txt", context),
        to=[person.mail_verified],
        headers={
            # The same id for the same messages: if a killed process sent it twice, mailboxes show it once.
            "Message-ID": f"<{mail_addresses.message_id(person.user_id, ids[-1])}@{host}>",
            "In-Reply-To": thread,
            "References": thread,
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    made.attach_alternative(render_to_string("chat/mail/missed.html", context), "text/html")
    return made


def mail_send(missed: Missed) -> str:
    """Send it by SMTP, without the database; returns the outcome: `sent`, `refused` permanently, `waits` for a problem
    of this mailbox or e-mail, or `later` when the mail server accepts none."""
    try:
        missed.message.send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        return "refused" if codes and all(500 <= code < 600 for code in codes) else _later(error, "waits")
    except (SMTPDataError, SMTPNotSupportedError, ValueError) as error:
        # A problem with this content, or with an address that cannot be encoded: the next e-mail may pass.
        return _later(error, "waits")
    except OSError as error:
        return _later(error, "later")
    return "sent"


def _later(error: Exception, outcome: str) -> str:
    # The text of the error may contain the address.
    logger.warning("An e-mail of missed messages could not be sent yet: %s", type(error).__name__)
    return outcome


def mail_record(missed: Missed, outcome: str) -> None:
    """Drop the sent notifications, and end the e-mails to an address that accepts none."""
    if outcome in {"later", "waits"}:
        return
    Notification.objects.filter(pk__in=missed.notification_ids).update(mail=False)
    if outcome == "sent":
        Attention.objects.filter(user=missed.user_id).update(mail_sent_at=timezone.now())
    else:
        mail_addresses.mails_end([missed.user_id])
