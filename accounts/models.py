"""The accounts of the standalone product: users with a name, a password and an e-mail address, and invitations."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from chat import signals
from chat.identity.opaque import opaque
from chat.identity.participants import participant_make
from chat.lib.ascii import AddressField, AsciiLower, NameField
from chat.lib.fields import LineField
from chat.models import Participant
from chat.models.validators import validate_username
from chat.signals import mark_access_changed

# A change of one of these fields can end the access of the user's open sockets; others are fields of the participant.
ACCESS_FIELDS = ("is_active", "is_superuser")
# Incremented in the database only: saving an older instance must not reset it.
COUNTERS = {"session_generation"}


class User(AbstractUser):
    """The login of a person or a bot. Its names in the chat are those of the participant, created with the account.

    `session_generation` is part of the hash that every session and JWT is checked against: incrementing it signs the
    user out everywhere.
    """

    username = NameField(
        max_length=32,
        unique=True,
        validators=[validate_username],
        error_messages={"unique": _("That username is taken.")},
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = AddressField(blank=True)
    is_founder = models.BooleanField(default=False, editable=False)
    # Signed up in the page, and has not dismissed the card with the first steps.
    first_steps = models.BooleanField(default=False, db_default=False, editable=False)
    session_generation = models.PositiveBigIntegerField(default=0, editable=False)

    participant: Participant  # the reverse of Participant.user

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                AsciiLower("username"),
                name="user_username_without_case",
                violation_error_message=_("That username is taken."),
            ),
            # If two first sign-ups happen at once, the database makes only one of them the administrator.
            models.UniqueConstraint(
                fields=["is_founder"], condition=models.Q(is_founder=True), name="user_one_founder"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def display_name(self) -> str:
        """The participant's shown name, or a new one that was set and is not saved yet."""
        if self._display_name is not None:
            return self._display_name
        try:
            return self.participant.display_name if self.pk else ""
        except ObjectDoesNotExist:
            return ""

    @display_name.setter
    def display_name(self, name: str) -> None:
        self._display_name = name

    @property
    def shown_name(self) -> str:
        """The shown name, or else the username."""
        return self.display_name or self.username

    @property
    def told_name(self) -> str:
        """The name for a sentence: with the username if the shown name looks like another user's."""
        return self.participant.told_name

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Django's checks, without an unchanged username, and with the participant's rules for the shown name."""
        # An older account may have a name that is not allowed for new ones.
        kept = not self._state.adding and self._name_was == self.username
        excluded = {*(exclude or ()), *(["username"] if kept else [])}
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude=excluded)
        except ValidationError as error:
            errors = error.error_dict
        if self._display_name is not None and "display_name" not in excluded:
            try:
                self._display_name = Participant._meta.get_field("display_name").clean(self._display_name, None)
            except ValidationError as error:
                errors["display_name"] = error.error_list
        if errors:
            raise ValidationError(errors)

    def clean(self) -> None:
        """Lower the case of the e-mail address."""
        super().clean()
        # A password reset looks the address up in lower case.
        self.email = self.email.lower()

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, in the spelling of `chat.identity.opaque`."""
        super().set_password(None if raw_password is None else opaque(raw_password))

    def get_full_name(self) -> str:
        """The shown name."""
        return self.shown_name

    def get_short_name(self) -> str:
        """The shown name."""
        return self.shown_name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        # Django's own hash includes only the password; this method makes the session hash and the fallback hashes.
        return salted_hmac(
            "accounts.session", f"{self.password}:{self.session_generation}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the values that `save` compares with."""
        user = super().from_db(*args, **kwargs)
        user._access_was = user._access_now()
        user._name_was = user.__dict__.get("username", "")
        return user

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save the account and, with it, its participant.

        Done here and not in a service, because Django's own forms, commands and hash upgrades also change passwords,
        rights and names.
        """
        if not self._state.adding and update_fields is None:
            loaded = {field.name for field in self._meta.concrete_fields if field.attname in self.__dict__}
            update_fields = loaded - COUNTERS - {"id"}
        if update_fields is not None:
            update_fields = set(update_fields) - {"display_name"}
        was = self._access_was
        adding = self._state.adding
        closing = bool(was.get("is_active")) and not self.__dict__.get("is_active", True)
        with transaction.atomic(using=using):
            if closing and (participant := self._participant()):
                # Rooms must be locked before any user's row.
                signals.account_closing.send(sender=User, user=participant)
            super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)
            self._save_names(adding=adding)
            self._access_was = self._access_now()
            if closing:
                # Sessions and JWTs of a deactivated account stay invalid after it is activated again.
                end_sessions(self)
            elif was and was.get("is_superuser") != self._access_was.get("is_superuser"):
                mark_access_changed([self.participant.pk])

    def _save_names(self, *, adding: bool) -> None:
        """Copy the account's names to the participant."""
        name, shown = self.__dict__.get("username", self._name_was), self._display_name
        if not adding and name == self._name_was and shown is None:
            return
        if (participant := self._participant()) is None:
            # An account created without `save` may have the name of another participant.
            participant = participant_make(self, username=self.username if adding else "", display_name=shown or "")
        else:
            changed = {}
            if name != self._name_was:
                changed["username"] = name
            if shown is not None and shown != participant.display_name:
                changed["display_name"] = shown
            for field, value in changed.items():
                setattr(participant, field, value)
            if changed:
                participant.save(update_fields=list(changed))
        self._state.fields_cache["participant"] = participant
        self._name_was, self._display_name = name, None

    def _participant(self) -> Participant | None:
        return Participant.objects.filter(user_id=self.pk).first() if self.pk else None

    # The values of ACCESS_FIELDS when the row was read or last saved; empty for a new account.
    _access_was: dict[str, Any] = {}
    # The username when the row was read or last saved; empty for a new account.
    _name_was: str = ""
    # A shown name that was set and is not saved yet.
    _display_name: str | None = None

    def _access_now(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in ACCESS_FIELDS if name in self.__dict__}


def end_sessions(user: User) -> None:
    """Invalidate every session and JWT of the user, in the database and on this instance."""
    User.objects.filter(pk=user.pk).update(session_generation=models.F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Queries of invitations."""

    def usable(self) -> "InvitationQuerySet":
        """Invitations that can still be used to sign up."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        left = models.Q(uses_max=None) | models.Q(used__lt=models.F("uses_max"))
        # A subquery instead of a join: of two simultaneous sign-ups, each must find the row as the other one left it.
        gone = User.objects.filter(is_active=False)
        # A process of the previous version does not count uses.
        return self.filter(alive, left).exclude(uses_max=1, used_at__isnull=False).exclude(created_by__in=gone)


class Invitation(models.Model):
    """Lets people sign up where sign-up is not open: one, several, or any number. Only the hash of the code is
    stored."""

    note = LineField(max_length=64, blank=True, help_text=_("Who it is for."))
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # None: any number of people.
    uses_max = models.PositiveIntegerField(null=True, blank=True, default=1, db_default=1)
    used = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Space-separated slugs of the rooms that its users join at sign-up.
    rooms = models.TextField(default="", db_default="", blank=True, editable=False)
    # The address it was sent to.
    email = models.EmailField(default="", db_default="", blank=True, editable=False)
    # The time and user of the last use.
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    used_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"


class Workspace(models.Model):
    """The administrators' choices for the whole server, in one row. An empty value means the value of the setting."""

    class Signup(models.TextChoices):
        """Who may create an account."""

        OPEN = "open", _("Anyone with the address")
        INVITE = "invite", _("With an invitation")
        CLOSED = "closed", _("Nobody")

    class Inviters(models.TextChoices):
        """Who may create invitations."""

        ADMINISTRATORS = "administrators", _("Administrators")
        EVERYONE = "everyone", _("Everybody")

    name = LineField(max_length=64, blank=True, default="")
    # The key of the stored file.
    picture = models.CharField(max_length=22, blank=True, default="", db_default="", editable=False)
    signup = models.CharField(max_length=8, choices=Signup.choices, blank=True, default="")
    who_invites = models.CharField(max_length=16, choices=Inviters.choices, blank=True, default="")
    # When the first administrator finished or left the welcome.
    welcomed_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return str(self.name)
