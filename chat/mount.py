"""The chat's place in its project: at the root, or under the prefix at which the project includes `chat.urls`."""

from functools import cache

from django.urls import NoReverseMatch, URLResolver, get_resolver, get_script_prefix, get_urlconf, reverse


def mount() -> str:
    """Return the path of the chat below the root of the project, with a slash at both ends: "/", or "/chat/".

    Without SCRIPT_NAME, as ASGI servers and URL patterns see it; addresses for browsers come from `reverse`. Paths in
    the protocol (`/files/…`) are below it, so that they are the same for every process and proxy. "/" if the project
    does not include `chat.urls`.
    """
    return _mount(get_resolver(get_urlconf()))


@cache
def _mount(_patterns: URLResolver) -> str:
    # Each request calls this three times, and `reverse` takes 50 us.
    try:
        return "/" + reverse("chat:home").removeprefix(get_script_prefix())
    except NoReverseMatch:
        return "/"
