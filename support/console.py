"""The errors in a page's console."""

from playwright.async_api import ConsoleMessage, Page

# The browser reports each refused connection, also those the page handles: of the socket, and of a module that is
# fetched again until the server, or the network, is back. It aborts loading when a parallel test creates network
# devices.
_UNREACHABLE = ("CONNECTION_REFUSED", "INTERNET_DISCONNECTED", "NETWORK_CHANGED")
_NO_FAULTS = (
    "WebSocket connection to",
    *(f"Failed to load resource: net::ERR_{reason}" for reason in _UNREACHABLE),
)


def console_errors(page: Page) -> list[str]:
    """The errors of a page's console; the list grows as they appear."""
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_NO_FAULTS):
            errors.append(message.text)

    page.on("console", hear)
    return errors
