"""System checks that refuse a misconfigured deployment before it serves anyone; importing them registers them.

Errors stop every server (`chat.management.start`), warnings are logged. `manage.py check --database default` runs all.
"""

from chat.checks import database, embedding, hosts, keys, names, origins, processes, push

__all__ = ["database", "embedding", "hosts", "keys", "names", "origins", "processes", "push"]
