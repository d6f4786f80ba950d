from collections.abc import Iterator

from chat.management.backup.archive import last_verified
from chat.management.doctor.finding import Finding


def backups() -> Iterator[Finding]:
    """Say how old the backup is that was verified last. Without one a server works: the line is no failure."""
    found = last_verified()
    if found is None:
        yield Finding(True, "backups: none was verified here; see `manage.py backup --help`")
    else:
        path, age = found
        old = f"{age.days} days" if age.days != 1 else "a day"
        yield Finding(True, f"backups: the last verified one is {old if age.days else 'less than a day'} old ({path})")
