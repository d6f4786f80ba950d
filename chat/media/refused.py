"""The refusal of a file, with a sentence for the person who sent it."""


class Refused(Exception):
    """Raised for a file that cannot be accepted."""
