"""What breaks, broken on purpose: real processes, Redis, PostgreSQL and SQLite, and what every client holds after it.

Each fault is a function that puts up a site, lets numbered messages flow through `chatclient`'s own clients, does
its damage, and returns a verdict. `catalogue.py` names them all, each with a short form that the tests run and a
long one for `bin/faults`.
"""
