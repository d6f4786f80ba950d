"""Accounts, and the credentials of people and their programs."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import signals
from accounts.ascii import AddressField, AsciiLower, NameField
from accounts.fields import LineField
from accounts.namesakes import looks_of, names_compare, publish_names_changed
from accounts.opaque import opaque
from accounts.signals import mark_access_changed
from accounts.validators import USERNAME_PATTERN as USERNAME_PATTERN  # what a mention can name
from accounts.validators import validate_free_name, validate_username

# A change of one of these fields can end the access of the person's open sockets.
ACCESS_FIELDS = ("password", "is_active", "is_staff", "is_superuser")
# Incremented in the database only: saving an older instance must not set them back.
COUNTERS = {"access_rev", "session_generation", "name_shared", "named_at"}


def digest(secret: str) -> str:
    """The stored hash of a token, a ticket or an invitation. They have 256 random bits, so a plain hash cannot be
    searched."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class User(AbstractUser):
    """A person, or a bot.

    `access_rev` counts the changes that can matter to this person's open sockets: a password, a membership, a role, a
    revoked token. Processes compare it with the last value they know. `session_generation` is part of the hash that
    every session and JWT is checked against, so that incrementing it signs the person out everywhere.
    """

    username = NameField(
        max_length=32,
        unique=True,
        validators=[validate_username],
        error_messages={"unique": _("That username is taken.")},
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = LineField(max_length=64, blank=True, validators=[validate_free_name])
    # The looks of the shown name and of the username; see `accounts.lookalikes`.
    name_look = models.CharField(max_length=255, default="", db_default="", editable=False, db_index=True)
    username_look = models.CharField(max_length=64, default="", db_default="", editable=False, db_index=True)
    # The shown name looks like another account's: show the username beside it.
    name_shared = models.BooleanField(default=False, db_default=False, editable=False)
    # Time of the last change of the two above, or of the username: processes that missed the signal query it.
    named_at = models.DateTimeField(null=True, editable=False, db_index=True)
    email = AddressField(blank=True)
    is_founder = models.BooleanField(default=False, editable=False)
    access_rev = models.PositiveBigIntegerField(default=0, editable=False)
    session_generation = models.PositiveBigIntegerField(default=0, editable=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                AsciiLower("username"),
                name="user_username_without_case",
                violation_error_message=_("That username is taken."),
            ),
            # Of two first sign-ups at the same moment the database makes one the administrator.
            models.UniqueConstraint(
                fields=["is_founder"], condition=models.Q(is_founder=True), name="user_one_founder"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def shown_name(self) -> str:
        """The shown name, or the username without one."""
        return self.display_name or self.username

    @property
    def told_name(self) -> str:
        """For a sentence: with the username where the shown name looks like another account's."""
        return f"{self.shown_name} @{self.username}" if self.name_shared else self.shown_name

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Django's, but an unchanged username is not validated again."""
        # An older account may have a name that new ones may not.
        kept = not self._state.adding and self._name_was[:1] == (self.username,)
        super().clean_fields(exclude={*(exclude or ()), "username"} if kept else exclude)

    def clean(self) -> None:
        """Lower the case of the e-mail address."""
        super().clean()
        # A password reset looks it up in lower case.
        self.email = self.email.lower()

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, in the spelling of `accounts.opaque`."""
        super().set_password(None if raw_password is None else opaque(raw_password))

    def get_full_name(self) -> str:
        """The shown name."""
        return self.shown_name

    def get_short_name(self) -> str:
        """The shown name."""
        return self.shown_name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        # Django's own hash includes the password only; session and fallback hash are both made here.
        return salted_hmac(
            "accounts.session", f"{self.password}:{self.session_generation}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the values that `save` compares."""
        user = super().from_db(*args, **kwargs)
        user._access_was = user._access_now()
        user._name_was = user._name_now()
        return user

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save, and send `access_changed` when the access of the person has changed.

        Here and not in a service, because passwords and rights are also changed by Django's own forms, commands and
        hash upgrades.
        """
        if not self._state.adding and update_fields is None:
            loaded = {field.name for field in self._meta.concrete_fields if field.attname in self.__dict__}
            update_fields = loaded - COUNTERS - {"id"}
        looks_changed: set[str] = set()
        renamed = False
        if update_fields is None or {"username", "display_name"} & set(update_fields):
            name_was, looks_were = self.name_look, {self.name_look, self.username_look}
            self.name_look, self.username_look = looks_of(username=self.username, display_name=self.display_name)
            looks_changed = looks_were ^ {self.name_look, self.username_look}
            if self.name_look != name_was:
                # Also where it looks like their own username, as it did before.
                looks_changed.add(self.name_look)
            self.name_shared = bool(self.name_look) and self.name_shared
            if update_fields is not None:
                # A deleted account has no look.
                also = {"name_look", "username_look"} | (set() if self.name_look else {"name_shared"})
                update_fields = {*update_fields, *also}
            renamed = bool(self._name_was) and self._name_was != self._name_now()
            if renamed:
                self.named_at = timezone.now()
                update_fields = None if update_fields is None else {*update_fields, "named_at"}
            self._name_was = self._name_now()
        closing = bool(self._access_was.get("is_active")) and not self.__dict__.get("is_active", True)
        with transaction.atomic(using=using):
            if closing:
                signals.account_closing.send(sender=User, user=self)
            super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)
            if looks_changed:
                names_compare(looks_changed)
                self.refresh_from_db(fields=["name_shared"])
                transaction.on_commit(lambda: names_compare(looks_changed), using=using, robust=True)
            if renamed:
                publish_names_changed([self.pk])
            was, self._access_was = self._access_was, self._access_now()
            if was and was != self._access_was:
                if was.get("is_active") and not self.is_active:
                    # Sessions and JWTs of a deactivated account stay invalid when it is activated again.
                    end_sessions(self)
                mark_access_changed([self.pk])
                if closing:
                    signals.account_closed.send(sender=User, user=self)

    # The values of ACCESS_FIELDS when the row was read or last saved; empty for a new account.
    _access_was: dict[str, Any] = {}

    # The two names when the row was read or last saved; empty for a new account.
    _name_was: tuple[str, ...] = ()

    def _name_now(self) -> tuple[str, ...]:
        return tuple(self.__dict__[name] for name in ("username", "display_name") if name in self.__dict__)

    def _access_now(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in ACCESS_FIELDS if name in self.__dict__}


def end_sessions(user: User) -> None:
    """Invalidate every session and JWT of the person, in the database and on this instance."""
    User.objects.filter(pk=user.pk).update(session_generation=models.F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])


class Preferences(models.Model):
    """Appearance and behaviour of the pages for one person, on every device; without a row, the defaults."""

    class Theme(models.TextChoices):
        """The colours of the pages."""

        SYSTEM = "system", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        """The density of the message list."""

        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    class Clock(models.TextChoices):
        """The format of times."""

        AUTO = "auto", _("Automatic")
        HOURS_24 = "24", _("24 h")
        HOURS_12 = "12", _("12 h")

    class Notify(models.TextChoices):
        """The notification level of all rooms."""

        ALL = "all", pgettext_lazy("notifications", "All")
        MENTIONS = "mentions", _("Mentions")
        NOTHING = "nothing", _("Nothing")

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="preferences")
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=11, choices=Density.choices, default=Density.COMFORTABLE)
    clock = models.CharField(max_length=4, choices=Clock.choices, default=Clock.AUTO)
    # Which messages are notified while a page is open in the background.
    notify = models.CharField(max_length=8, choices=Notify.choices, default=Notify.MENTIONS)
    sound = models.BooleanField(default=True)
    # False: Ctrl+Enter sends.
    enter_sends = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    @classmethod
    def of(cls, user: User) -> "Preferences":
        """The preferences of the person, or the defaults, unsaved."""
        return cls.objects.filter(user=user).first() or cls(user=user)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Queries of tokens."""

    def usable(self) -> "ApiTokenQuerySet":
        """Tokens that can still sign in."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(alive, revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A long-lived token for a program. Only its hash is stored: the token itself is shown once."""

    PREFIX = "bc_"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = LineField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(
        max_length=8, editable=False, help_text=_("The first characters, to recognise the token by.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class Ticket(models.Model):
    """Opens one socket, for clients that can set neither header nor cookie.

    `kind` and `key` are those of the identity that requested it: the end of that identity also ends the socket. The row
    is deleted when the ticket is redeemed, on whichever process that is.
    """

    LIFETIME = timedelta(seconds=30)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    ticket_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=255)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Queries of invitations."""

    def usable(self) -> "InvitationQuerySet":
        """Invitations that can still be used to sign up."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(alive, used_at=None)


class Invitation(models.Model):
    """Lets one person sign up where sign-up is not open. Only the hash of its code is stored."""

    note = LineField(max_length=64, blank=True, help_text=_("Who it is for."))
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    used_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"
