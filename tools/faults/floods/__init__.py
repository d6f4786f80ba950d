"""Floods: one attacker acts as fast as a connection allows, and the effect on everyone else is measured.

An attack is an async function of a `Target` and a line in `catalogue.py`. It runs in a process of its own; the
harness runs it against `serve` and uvicorn, directly and through nginx, and watches a bystander's pings and the memory
of the server.
"""
