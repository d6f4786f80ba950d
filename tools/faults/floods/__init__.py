"""Floods: what one attacker does as fast as a connection takes it, and what everybody else notices of it.

An attack is an async function of a `Target` and a line in `catalogue.py`. It runs in a process of its own; the
harness runs it against `serve` and uvicorn, directly and through nginx, and watches a bystander's pings and the memory
of the server.
"""
