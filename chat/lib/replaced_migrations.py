"""Migrations that were replaced by a single one, whose files are gone.

Where all of those are applied, Django takes the single one as applied; where none is, it applies it. Where only some
are, it leaves the whole app out, and says nothing.
"""

from collections.abc import Collection

from django.db.migrations.loader import MigrationLoader


def known() -> set[str]:
    """Every migration of this version, and those that one of it replaced, as `app.name`."""
    loader = _on_disk()
    replaced = {f"{app}.{name}" for migration in loader.disk_migrations.values() for app, name in migration.replaces}
    return {f"{app}.{name}" for app, name in loader.disk_migrations} | replaced


def missing(applied: Collection[str]) -> list[str]:
    """Replaced migrations that a database lacks which has others of the same; empty where it can be migrated."""
    found: list[str] = []
    for migration in _on_disk().disk_migrations.values():
        replaced = [f"{app}.{name}" for app, name in migration.replaces]
        lacking = [name for name in replaced if name not in applied]
        if 0 < len(lacking) < len(replaced):
            found += lacking
    return found


def added(before: Collection[str], after: Collection[str]) -> list[str]:
    """What was applied between the two; not what stands for migrations that were applied before."""
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
