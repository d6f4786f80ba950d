"""`manage.py permissions`: write the page about who may do what."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat.management.permissions_page import permissions_page


class Command(BaseCommand):
    """Writes docs/permissions.md."""

    requires_system_checks = ()
    help = "Write docs/permissions.md from chat/rules.py."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        (Path(settings.BASE_DIR) / "docs" / "permissions.md").write_text(permissions_page())
