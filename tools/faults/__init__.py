"""Faults injected on purpose into real processes, Redis, PostgreSQL and SQLite, and what every client holds after it.

Each fault is a function that starts a site, sends numbered messages through `chatclient`'s own clients, does its
damage, and returns a verdict. `catalogue.py` lists them all, each with a short form that the tests run and a long one
for `bin/faults`.
"""
