"""`python -m backchannel`, beside manage.py: whether `chat` is this package's app there, or something of the project.

A module or package of the project called `chat` hides the app from Python: nothing of it is imported then, so that none
of its checks can say so. This module has another name.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

OURS = Path(__file__).resolve().parent / "chat"
HIDDEN = """{theirs} hides Backchannel's app: Python imports it as `chat`.
Rename it, or move it into a package of yours, and change what imports it
(`import shop_chat`, or `from shop import chat`).
"""
# Of a package, which may be an app of theirs with tables.
APP = """If it is an app with tables: give it a label of its own in its AppConfig, keep the tables
by db_table in the Meta of its models, and rename its rows in django_migrations.
"""
FOUND = "`chat` is the app of Backchannel, in {ours}. `manage.py check` looks at the rest.\n"


def said() -> tuple[str, int]:
    """What there is to say, and the status to end with: 0 when the app is found."""
    spec = find_spec("chat")
    places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    if OURS in (place.resolve() for place in places):
        return FOUND.format(ours=OURS), 0
    theirs = places[0] if places else Path(str(spec and spec.origin))
    return HIDDEN.format(theirs=theirs) + (APP if places else ""), 1


if __name__ == "__main__":
    text, status = said()
    sys.stdout.write(text)
    sys.exit(status)
