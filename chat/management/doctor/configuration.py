from collections.abc import Iterator

from django.core.checks import ERROR, run_checks

from chat.management.doctor.finding import Finding


def configuration() -> Iterator[Finding]:
    """Run Django's system checks and ours."""
    found = [message for message in run_checks() if not message.is_silenced()]
    for message in found:
        hint = f" {message.hint}" if message.hint else ""
        yield Finding(message.level < ERROR, f"settings: {message.msg}{hint}")
    if not found:
        yield Finding(True, "settings")
