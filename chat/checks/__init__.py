"""System checks that refuse wrong deployments before they serve anyone; importing them registers them.

Errors stop every server (`chat.start`), warnings are printed. `manage.py check --database default` runs them all.
"""

from chat.checks import database, hosts, keys, names, origins, processes

__all__ = ["database", "hosts", "keys", "names", "origins", "processes"]
