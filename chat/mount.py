"""Where the chat is in its project: at its root, or under the prefix at which it includes `chat.urls`."""

from django.urls import NoReverseMatch, get_script_prefix, reverse


def mount() -> str:
    """The path of the chat below the root of the project, with a slash at both ends: "/", or "/chat/".

    Without SCRIPT_NAME, as ASGI servers and URL patterns see it; addresses for browsers come from `reverse`. Paths on
    the wire (`/files/…`) are below it, so that they are the same for every process and every proxy. "/" where the
    project includes `chat.urls` nowhere.
    """
    try:
        return "/" + reverse("chat:home").removeprefix(get_script_prefix())
    except NoReverseMatch:
        return "/"
