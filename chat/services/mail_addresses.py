"""E-mail addresses for missed messages: confirmed by a link, ended by an unsubscribe link or a returned e-mail."""

import logging
import re
from collections.abc import Collection
from email.message import EmailMessage as Returned
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.lib import mail
from chat.models import Attention, Notification, Participant

logger = logging.getLogger(__name__)

CONFIRM_SECONDS = 24 * 3600
_UNSUBSCRIBE, _CONFIRM, _SENT = "chat.unsubscribe", "chat.mail-address", "chat.missed-mail"


def possible() -> bool:
    """Whether this server sends e-mail."""
    return bool(settings.CHAT_RESET_BY_EMAIL)


def address_of(user: Participant) -> str:
    """The e-mail address of the person's account, for any user model; empty without one."""
    account = user.user
    return str(getattr(account, account.get_email_field_name(), "") or "") if account else ""


def is_confirmed(person: Attention) -> bool:
    """Whether the confirmed address is still the account's address."""
    return bool(person.mail_verified) and person.mail_verified == address_of(person.user)


def confirmation_send(*, user: Participant) -> bool:
    """Send the link that confirms the person's address; False if it cannot be sent, or one was sent shortly before."""
    address = address_of(user)
    if not address or not possible() or not mail.may_write_to(address):
        return False
    token = signing.dumps([user.pk, address], salt=_CONFIRM)
    link = settings.CHAT_PUBLIC_URL + reverse("chat:mail_confirm", args=[token])
    body = render_to_string("chat/mail/confirm.txt", {"link": link, "username": user.username})
    mail.send_soon(EmailMessage(_("Confirm your e-mail address"), body, to=[address]))
    return True


def address_confirm(*, user: Participant, token: str) -> bool:
    """Confirm the address that `token` was sent to; False for another person's or address's token, or an old one."""
    try:
        user_id, address = signing.loads(token, salt=_CONFIRM, max_age=CONFIRM_SECONDS)
    except signing.BadSignature:
        return False
    if user_id != user.pk or address != address_of(user):
        return False
    Attention.objects.update_or_create(user=user, defaults={"mail_verified": address})
    return True


def unsubscribe_token(user_id: int) -> str:
    """The token that ends this person's e-mails without signing in."""
    return signing.Signer(salt=_UNSUBSCRIBE).sign(str(user_id))


def is_unsubscribe_token(token: str) -> bool:
    """Whether `unsubscribe` accepts the token."""
    return bool(_unsigned(token, _UNSUBSCRIBE))


def unsubscribe(*, token: str) -> bool:
    """End the e-mails of the token's person; False if the token is invalid."""
    if not (user_id := _unsigned(token, _UNSUBSCRIBE)):
        return False
    Attention.objects.filter(user=int(user_id)).update(mail=Attention.Mail.NEVER)
    Notification.objects.filter(user=int(user_id)).update(mail=False)
    return True


def message_id(user_id: int, notification_id: int) -> str:
    """The signed part of a Message-ID, by which `returned` recognizes our e-mails."""
    return signing.Signer(salt=_SENT, sep=".").sign(f"missed.{user_id}.{notification_id}")


def returned(message: Returned) -> int:
    """Read a returned e-mail (RFC 3464), and end the e-mails to an address that fails permanently (`Status: 5`).

    A return only counts if it contains the signed Message-ID of one of our e-mails. Returns the number of people.
    """
    # The raw bytes: decoding a part could fail, for example for a charset that does not exist.
    text = message.as_bytes().decode(errors="replace")
    signed = re.findall(r"^message-id:\s*<(\S+)@", text, re.MULTILINE | re.IGNORECASE)
    ours = {int(value.split(".")[1]) for one in signed if (value := _unsigned(one, _SENT, sep="."))}
    failed = set()
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload():  # a list of headers for each recipient
            status = str(block.get("Status", "")).strip()  # type: ignore[union-attr]
            address = parseaddr(str(block.get("Final-Recipient", "")).partition(";")[2].strip())[1]  # type: ignore[union-attr]
            if status.startswith("5") and address:
                failed.add(address.lower())
    people = Attention.objects.filter(user__in=ours).exclude(mail_verified="")
    return mails_end([one.pk for one in people if one.mail_verified.lower() in failed]) if ours and failed else 0


def mails_end(people: Collection[int]) -> int:
    """End the e-mails of these people, whose addresses accept none; returns their number."""
    count = Attention.objects.filter(pk__in=people).update(mail=Attention.Mail.NEVER, mail_verified="")
    Notification.objects.filter(user__in=people, mail=True).update(mail=False)
    logger.info("E-mails of missed messages end for %d people: their address takes none.", count)
    return count


def _unsigned(token: str, salt: str, *, sep: str = ":") -> str:
    try:
        return signing.Signer(salt=salt, sep=sep).unsign(token)
    except signing.BadSignature:
        return ""
