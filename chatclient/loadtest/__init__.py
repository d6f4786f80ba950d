"""A load test: many connections in one room; each message is followed from its sender to every reader.

`python -m chatclient load` runs it. No part of the client imports it.
"""
