"""The outcome of storing the files of a page's form, for the view that answers the form."""

from dataclasses import dataclass, field

from django.http import HttpRequest

from chat.protocol.errors import ChatError

_KEY = "chat.form_files"


@dataclass
class FormFiles:
    """The ids of the files stored while the form arrived, or why they were not stored."""

    ids: list[str] = field(default_factory=list)
    problem: ChatError | None = None
    # The response page keeps the ids in its form, for the next attempt.
    stay: bool = False

    def scope(self) -> dict[str, "FormFiles"]:
        """Return the items to add to the scope of the request."""
        return {_KEY: self}


def form_files(request: HttpRequest) -> FormFiles:
    """Return the files of the request's form."""
    found = getattr(request, "scope", {}).get(_KEY)
    return found if isinstance(found, FormFiles) else FormFiles()
