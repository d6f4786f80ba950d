"""The support matrix: what Backchannel runs with, each row tested with the real program.

A row starts a private instance of a program, lets two people write to each other through it, stops a server in the
middle of that, and compares what every client received with the database.
"""
