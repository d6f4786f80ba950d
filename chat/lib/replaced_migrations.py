"""Migrations that were squashed into a single one, and whose files are gone.

If all of them are applied, Django treats the single one as applied; if none is, it applies it. If only some are, it
silently skips the whole app.
"""

from collections.abc import Collection

from django.db.migrations.loader import MigrationLoader


def known() -> set[str]:
    """Return every migration of this version, and the migrations they replaced, as `app.name`."""
    loader = _on_disk()
    replaced = {f"{app}.{name}" for migration in loader.disk_migrations.values() for app, name in migration.replaces}
    return {f"{app}.{name}" for app, name in loader.disk_migrations} | replaced


def missing(applied: Collection[str]) -> list[str]:
    """Return the replaced migrations that a database lacks though it has others of the same group; empty if it can be
    migrated."""
    found: list[str] = []
    for migration in _on_disk().disk_migrations.values():
        replaced = [f"{app}.{name}" for app, name in migration.replaces]
        lacking = [name for name in replaced if name not in applied]
        if 0 < len(lacking) < len(replaced):
            found += lacking
    return found


def added(before: Collection[str], after: Collection[str]) -> list[str]:
    """Return the migrations applied between the two sets, without those that replace migrations applied before."""
    stands = {
        f"{app}.{name}"
        for (app, name), migration in _on_disk().disk_migrations.items()
        if migration.replaces and all(f"{a}.{n}" in before for a, n in migration.replaces)
    }
    return sorted(set(after) - set(before) - stands)


def _on_disk() -> MigrationLoader:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return loader
