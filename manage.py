#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys

# By default Python would look for garbage a thousand times while Django is imported, an eighth of every start.
GARBAGE_THRESHOLD = 10_000


def main() -> None:
    gc.set_threshold(GARBAGE_THRESHOLD)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "your_project.settings")
    try:
        from django.core.management import execute_from_command_line
        from django.db import Error
    except ModuleNotFoundError as error:
        sys.exit(f"There is no {error.name} for this Python: run bin/setup, then .venv/bin/python manage.py.")
    try:
        execute_from_command_line(sys.argv)
    except Error as error:
        if "--traceback" in sys.argv:
            raise
        from chat.lib.outage import is_missing_table
        from chat.management.database import database_problem

        if is_missing_table(error):
            sys.exit("The database lacks tables: run manage.py migrate. bin/run and manage.py demo do it themselves.")
        # The pool says only that it gave up.
        reason = database_problem() or (str(error).strip() or type(error).__name__).splitlines()[0]
        sys.exit(f"The database does not go along: {reason}. manage.py doctor looks for the cause.")


if __name__ == "__main__":
    main()
