"""Who runs a command."""

import getpass


def operator_name() -> str:
    """The operator, for the audit record: an operator need not have an account."""
    try:
        return f"operator {getpass.getuser()}"[:32]
    except (KeyError, OSError):
        return "operator"
