"""People and the tokens their programs sign in with."""

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

# Also what an @mention can name: it must end where a sentence goes on, so no dot or hyphen at the end.
USERNAME_PATTERN = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?"


class User(AbstractUser):
    """A person, or a bot.

    `access_rev` counts the changes that may matter to this person's open sockets: a password, a
    membership, a role, a revoked token. Whoever holds sockets compares it with what they last saw.
    """

    username = models.CharField(
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(
                rf"\A{USERNAME_PATTERN}\Z",
                "Use 1 to 32 letters, digits, dots, hyphens or underscores; start and end with a letter or digit.",
            )
        ],
        error_messages={"unique": "That username is taken."},
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(max_length=64, blank=True)
    email = models.EmailField(blank=True)
    is_founder = models.BooleanField(default=False, editable=False)
    access_rev = models.PositiveBigIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager["User"]] = UserManager()
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_without_case"),
            # Two first sign-ups at the same moment: the database lets one of them be the administrator.
            models.UniqueConstraint(
                fields=["is_founder"], condition=models.Q(is_founder=True), name="user_one_founder"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def shown_name(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> "ApiTokenQuerySet":
        """Tokens that still sign somebody in."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(alive, revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A long-lived key for a program. Only its hash is kept: the key itself is shown once."""

    PREFIX = "bc_"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=8, editable=False, help_text="The first characters, to tell tokens apart.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def digest(key: str) -> str:
        """What is stored of a key. The key has 256 random bits, so a plain hash cannot be searched."""
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, *, user: User, name: str, expires_at: datetime | None = None) -> tuple["ApiToken", str]:
        """Make a token; returns the row and the key, which exists nowhere else."""
        key = cls.PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            user=user, name=name, token_hash=cls.digest(key), hint=key[:8], expires_at=expires_at
        )
        return token, key
