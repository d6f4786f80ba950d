"""Participants: everyone and everything that posts in the chat."""

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import signals
from chat.lib.ascii import AsciiLower, NameField
from chat.lib.fields import LineField
from chat.models.namesakes import looks_of, names_compare, publish_names_changed
from chat.models.validators import validate_free_name, validate_username

# A change of one of these fields can end the access of the person's open sockets.
ACCESS_FIELDS = ("is_active", "is_staff", "password_mark", "user_id")
# Changed only in the database: saving an older instance must not reset them.
COUNTERS = {"access_rev", "name_shared", "named_at"}


class Participant(models.Model):
    """A participant of the chat, with or without a login. `id` is the `user_id` of the protocol.

    `user` is the login, of any user model. `is_active`, `is_staff` and `password_mark` copy values of its row, so that
    a post reads only this row; `chat.identity.participants` keeps them in sync. `access_rev` counts the changes that
    can affect this person's open sockets: a password, a membership, a role, a revoked token. Processes compare it with
    the last value they know.
    """

    class Kind(models.TextChoices):
        """A person, or a program or import that posts without one."""

        PERSON = "person", _("Person")
        BOT = "bot", _("Bot")
        HOOK = "hook", _("Hook")
        IMPORTED = "imported", _("Imported")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="participant"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSON)
    username = NameField(
        max_length=32,
        unique=True,
        validators=[validate_username],
        error_messages={"unique": _("That username is taken.")},
    )
    display_name = LineField(max_length=64, blank=True, validators=[validate_free_name])
    # The looks of the shown name and of the username; see `chat.lib.lookalikes`.
    name_look = models.CharField(max_length=255, default="", db_default="", editable=False, db_index=True)
    username_look = models.CharField(max_length=64, default="", db_default="", editable=False, db_index=True)
    # The shown name looks like another participant's: show the username beside it.
    name_shared = models.BooleanField(default=False, db_default=False, editable=False)
    # Time of the last change of the two above, or of the username: processes that missed the signal query it.
    named_at = models.DateTimeField(null=True, editable=False, db_index=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    access_rev = models.PositiveBigIntegerField(default=0, editable=False)
    # Part of a digest of the stored password hash, so that one comparison in the database finds a changed password.
    password_mark = models.CharField(max_length=12, default="", blank=True, editable=False)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    # False: the person uses a token that may not moderate.
    may_moderate = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                AsciiLower("username"),
                name="participant_username_without_case",
                violation_error_message=_("That username is taken."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["person", "bot", "hook", "imported"]), name="participant_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save; send `access_changed` when the access has changed, and `names_changed` when a name has.

        Here and not in a service, because Django's own forms, commands and signals also change rights.
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
                # Also if it looks like their own username: the symmetric difference then lacks it.
                looks_changed.add(self.name_look)
            self.name_shared = bool(self.name_look) and self.name_shared
            if update_fields is not None:
                # A deleted participant has no look.
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
                signals.account_closing.send(sender=Participant, user=self)
            super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)
            if looks_changed:
                names_compare(looks_changed)
                self.refresh_from_db(fields=["name_shared"])
                transaction.on_commit(lambda: names_compare(looks_changed), using=using, robust=True)
            if renamed:
                publish_names_changed([self.pk])
            was, self._access_was = self._access_was, self._access_now()
            if was and was != self._access_was:
                signals.mark_access_changed([self.pk])
                if closing:
                    signals.account_closed.send(sender=Participant, user=self)

    @property
    def shown_name(self) -> str:
        """The shown name, or the username without one."""
        return self.display_name or self.username

    @property
    def told_name(self) -> str:
        """The name in a sentence: with the username if the shown name looks like another participant's."""
        return f"{self.shown_name} @{self.username}" if self.name_shared else self.shown_name

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Like Django's method, but without validating an unchanged username again."""
        # An older participant may have a name that is no longer allowed.
        kept = not self._state.adding and self._name_was[:1] == (self.username,)
        super().clean_fields(exclude={*(exclude or ()), "username"} if kept else exclude)

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the values that `save` compares."""
        found = super().from_db(*args, **kwargs)
        found.note_loaded()
        return found

    def note_loaded(self) -> None:
        """Remember the current values as those of the row, for `save` to compare."""
        self._access_was, self._name_was = self._access_now(), self._name_now()

    # The values of ACCESS_FIELDS when the row was read or last saved; empty for a new row.
    _access_was: dict[str, Any] = {}

    # The two names when the row was read or last saved; empty for a new row.
    _name_was: tuple[str, ...] = ()

    def _name_now(self) -> tuple[str, ...]:
        return tuple(self.__dict__[name] for name in ("username", "display_name") if name in self.__dict__)

    def _access_now(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in ACCESS_FIELDS if name in self.__dict__}
