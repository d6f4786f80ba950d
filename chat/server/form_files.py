"""What became of the files of a page's form, for the view that answers it."""

from dataclasses import dataclass, field

from django.http import HttpRequest

from chat.protocol.errors import ChatError

_KEY = "chat.form_files"


@dataclass
class FormFiles:
    """The ids of files that were stored while the form arrived, or why they were not."""

    ids: list[str] = field(default_factory=list)
    problem: ChatError | None = None
    # The page that answers has the ids in its form, for the next attempt.
    stay: bool = False

    def scope(self) -> dict[str, "FormFiles"]:
        """What to add to the scope of the request."""
        return {_KEY: self}


def form_files(request: HttpRequest) -> FormFiles:
    """Those of the request."""
    found = getattr(request, "scope", {}).get(_KEY)
    return found if isinstance(found, FormFiles) else FormFiles()
