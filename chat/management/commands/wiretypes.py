"""`manage.py wiretypes`: writes the TypeScript declarations of the protocol's frames."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from chat.protocol.schema import typescript


class Command(BaseCommand):
    """Writes `chat/static/chat/js/types/wire.d.ts`, which a test compares with the models."""

    requires_system_checks = ()
    help = "Writes wire.d.ts from the models of events and commands, for the check of the scripts."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "chat" / "static" / "chat" / "js" / "types" / "wire.d.ts"
        path.parent.mkdir(exist_ok=True)
        path.write_text(typescript())
