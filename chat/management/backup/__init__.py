"""Backups: one file with the database and the files, made while servers run, verified in a scratch database."""
