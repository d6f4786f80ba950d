"""Changes of accounts: one function per act, for pages, commands, the admin and the API."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import segno
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, InvitationQuerySet, User, Workspace, end_sessions
from accounts.workspace import signup, who_invites, workspace
from chat import signals
from chat.identity.opaque import opaque
from chat.lib.oneline import tidy
from chat.models import Participant, PeopleGroup, Room
from chat.models.credentials import digest
from chat.models.validators import ERASED_NAME, ERASED_PREFIX, is_erased, is_username
from chat.protocol.errors import ChatError, Code
from chat.services.participants import participant_erase
from chat.signals import mark_access_changed


class LastAdministrator(Exception):
    """Raised when an act would leave the server without an administrator; make another user one first."""

    def __init__(self) -> None:
        super().__init__(_("This is the only administrator. Make somebody else an administrator first."))


class NotInvited(Exception):
    """Raised when an invitation code is missing, used or expired; ask an administrator for an invitation."""


def account_create(
    *, username: str, password: str | None, display_name: str = "", email: str = "", staff: bool = False
) -> User:
    """Create an account; the very first one becomes the administrator.

    Args:
        password: None for an account that signs in with API tokens only.

    Raises:
        ValidationError: by field, when a name or the password is not allowed.
    """
    user = _prepare(username=username, password=password, display_name=display_name, email=email)
    return _insert(user, staff=staff)


def sign_up(*, username: str, password: str, display_name: str, email: str = "", invitation: str = "") -> User:
    """Create an account from the sign-up page, and use the invitation if one is required.

    Raises:
        NotInvited: sign-up is not open and the code is not valid; nothing was created.
        ValidationError: see `account_create`.
    """
    # Hash outside the transaction: hashing takes long enough to block every writer of an SQLite database.
    user = _prepare(username=username, password=password, display_name=display_name, email=email)
    user.first_steps = True
    with transaction.atomic():
        _insert(user)
        used = _use_invitation(invitation, user)
        if signup() != "open" and not user.is_founder and not used:
            raise NotInvited
        if used and (rooms := used.rooms.split()):
            signals.invited.send(sender=User, user=user.participant, rooms=rooms)
    return user


def may_sign_up(*, invitation: str) -> bool:
    """Whether `sign_up` would accept this code. The first account is always allowed."""
    allowed = signup()
    if allowed == "open" or is_first_account():
        return True
    return allowed == "invite" and bool(invitation) and _usable(invitation).exists()


def workspace_size() -> dict[str, int]:
    """The number of people and public rooms. Two queries."""
    return {
        "people": User.objects.filter(is_active=True).count(),
        "rooms": Room.objects.filter(kind=Room.Kind.PUBLIC, archived=False).count(),
    }


def username_free(username: str) -> str:
    """The name with the lowest free number appended; empty if no number makes it a valid name."""
    base = username.rstrip("0123456789")[:28]
    if not is_username(base) or base.lower().startswith(ERASED_PREFIX):
        return ""
    # One query; the lowest gap is used.
    taken = Participant.objects.filter(username__istartswith=base).values_list("username", flat=True)[:1000]
    names = {name.lower() for name in taken}
    candidates = (f"{base}{number}" for number in range(2, 1000))
    return next((name for name in candidates if name.lower() not in names), "")


def is_first_account() -> bool:
    """Whether there is no account yet."""
    return not User.objects.exists()


def inviter(invitation: str) -> User | None:
    """The creator of this invitation, if it is valid."""
    found = _usable(invitation).select_related("created_by__participant").first() if invitation else None
    return found.created_by if found else None


def account_errors(
    *, username: str, password: str | None = None, display_name: str = "", email: str = ""
) -> dict[str, list[str]]:
    """All problems of an account with these values, by field."""
    user = User(username=username, email=email)
    user.display_name = display_name
    errors: dict[str, list[str]] = {}
    try:
        user.full_clean(exclude=["password"], validate_constraints=False)
    except ValidationError as error:
        errors = error.message_dict
    if is_erased(username):
        errors["username"] = [_("That username is reserved.")]
    if "username" not in errors and _taken(username):
        errors["username"] = [_("That username is taken.")]
    if password is not None:
        try:
            validate_password(opaque(password), user)
        except ValidationError as error:
            errors["password"] = error.messages
    return errors


def sign_out_everywhere(*, user: User) -> None:
    """End every session and JWT of the user. API tokens belong to programs and are revoked one by one."""
    with transaction.atomic():
        end_sessions(user)
        mark_access_changed([user.participant.pk])


def sign_out_others(*, user: User, session: SessionBase) -> None:
    """End every session and JWT of the user except this session, and the sockets that were opened with them."""
    with transaction.atomic():
        end_sessions(user)
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        # Saved before the signal: the sockets of this session are checked against the saved row.
        session.save()
        mark_access_changed([user.participant.pk])


def email_change(*, user: User, email: str) -> None:
    """Set the address for password resets. The caller must have checked the password: the owner of this address can
    take over the account.

    Raises:
        ValidationError: not an e-mail address.
    """
    user.email = email.strip().lower()
    user.clean_fields(exclude={field.name for field in user._meta.fields} - {"email"})
    user.save(update_fields=["email"])


@transaction.atomic
def account_delete(*, user: User) -> None:
    """Close the account permanently and remove its personal data; see `participant_erase` for what stays in the rooms.
    The row stays, without a way to sign in.

    Raises:
        ChatError: `forbidden` for the last administrator.
    """
    participant_erase(user=user.participant, close=partial(_close, user))


def _close(user: User) -> None:
    if is_last_administrator(user, lock=True):
        raise ChatError(Code.FORBIDDEN, "You are the only administrator. Make somebody else an administrator first.")
    user.username = f"{ERASED_PREFIX}{user.participant.pk}"
    user.display_name, user.email = ERASED_NAME, ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    UserSession.objects.filter(user=user).delete()


def is_last_administrator(user: User, *, lock: bool = False) -> bool:
    """Whether there is no other active administrator.

    `lock` locks the rows of all administrators until the transaction ends, so that one remains when several leave at
    the same moment. Lock rooms first.
    """
    administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    if lock:
        administrators = administrators.select_for_update(no_key=True)
    return user.is_superuser and not set(administrators.values_list("pk", flat=True)) - {user.pk}


@transaction.atomic
def account_deactivate(*, user: User) -> None:
    """Deactivate an account; it can be activated again.

    Raises:
        LastAdministrator: nothing was changed.
    """
    signals.account_closing.send(sender=User, user=user.participant)
    if is_last_administrator(user, lock=True):
        raise LastAdministrator
    user.is_active = False
    user.save(update_fields=["is_active"])


def account_activate(*, user: User) -> None:
    """Let a deactivated user sign in again. They are still a member of their rooms."""
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def administrator_make(*, user: User, on: bool) -> None:
    """Give a user the rights of an administrator, or remove them.

    Raises:
        LastAdministrator: nothing was changed.
    """
    if not on and is_last_administrator(user, lock=True):
        raise LastAdministrator
    user.is_staff = user.is_superuser = on
    user.save(update_fields=["is_staff", "is_superuser"])


def invitation_issue(
    *,
    note: str = "",
    created_by: User | None = None,
    expires_at: datetime | None = None,
    uses_max: int | None = 1,
    rooms: Sequence[str] = (),
    email: str = "",
) -> tuple[Invitation, str]:
    """Create an invitation for a number of sign-ups (None: any number); returns the row, and the code, which is not
    stored. `rooms`: the slugs of public rooms that its users join. `email`: the address it is sent to.

    Raises:
        ValidationError: the note is not one line of visible text, or is too long.
    """
    Invitation._meta.get_field("note").clean(note, None)
    code = secrets.token_urlsafe(16)
    invitation = Invitation.objects.create(
        note=note,
        code_hash=digest(code),
        created_by=created_by,
        expires_at=expires_at,
        uses_max=uses_max,
        rooms=" ".join(rooms),
        email=email,
    )
    return invitation, code


def not_public(rooms: Sequence[str]) -> list[str]:
    """The slugs in `rooms` that are no public room: an invitation cannot lead there."""
    public = Room.objects.filter(slug__in=rooms, kind=Room.Kind.PUBLIC, archived=False)
    found = set(public.values_list("slug", flat=True))
    return [slug for slug in rooms if slug not in found]


def may_invite(user: User, chosen: Workspace | None = None) -> bool:
    """Whether this user may create invitations. They are needed only if sign-up is by invitation."""
    chosen = chosen or workspace()
    if signup(chosen) != "invite":
        return False
    return who_invites(chosen) == "everyone" or may_administer_invitations(user)


def may_administer_invitations(user: User) -> bool:
    """Whether this user sees other users' invitations, and may end them."""
    return user.is_staff and user.has_perm("accounts.add_invitation")


def invitations_seen(*, user: User) -> InvitationQuerySet:
    """The open invitations that this user may end: their own, or for administrators all."""
    found = Invitation.objects.usable()
    return found if may_administer_invitations(user) else found.filter(created_by=user)


def invitation_end(*, pk: int, user: User) -> None:
    """End an open invitation, if this user may; its row stays as a record of its creator."""
    invitations_seen(user=user).filter(pk=pk).update(expires_at=timezone.now())


def invitation_link(code: str, *, base: str) -> str:
    """The URL of the sign-up page for this code."""
    return f"{base.rstrip('/')}{reverse('account_signup')}?invitation={code}"


def _taken(username: str) -> bool:
    """Whether this is the name of a login, of a participant without a login, or of a group."""
    names = {"username__iexact": username}
    if PeopleGroup.objects.filter(handle=username.lower()).exists():
        return True
    return User.objects.filter(**names).exists() or Participant.objects.filter(**names).exists()


def qr_code(text: str) -> str:
    """The text as a QR code: an SVG element. Takes 4 ms for an invitation's address."""
    return str(segno.make(text, error="m").svg_inline(scale=6, border=2, dark="#000", light="#fff"))


def _prepare(*, username: str, password: str | None, display_name: str, email: str) -> User:
    display_name, email = tidy(display_name), email.strip().lower()
    if errors := account_errors(username=username, password=password, display_name=display_name, email=email):
        raise ValidationError(errors)
    user = User(username=username, email=email)
    user.display_name = display_name
    user.set_password(password)
    return user


def _insert(user: User, *, staff: bool = False) -> User:
    try:
        return _insert_as(user, founder=is_first_account(), staff=staff)
    except IntegrityError:
        # Another sign-up created the first account, or took the name, at the same moment.
        try:
            return _insert_as(user, founder=False, staff=staff)
        except IntegrityError:
            raise ValidationError({"username": _("That username is taken.")}) from None


def _insert_as(user: User, *, founder: bool, staff: bool) -> User:
    user.pk, user._state.adding = None, True
    user.is_founder = founder
    user.is_staff = user.is_superuser = founder or staff
    with transaction.atomic():
        user.save(force_insert=True)
    return user


def _usable(invitation: str) -> InvitationQuerySet:
    return Invitation.objects.usable().filter(code_hash=digest(invitation))


def _use_invitation(invitation: str, user: User) -> Invitation | None:
    """Count a use of the invitation; None if it is not valid. Of simultaneous sign-ups, only as many succeed as uses
    are left."""
    if not invitation or signup() == "closed":
        return None
    now = timezone.now()
    if not _usable(invitation).update(used=F("used") + 1, used_at=now, used_by=user):
        return None
    return Invitation.objects.get(code_hash=digest(invitation))
