"""The sessions of a person, described in words they recognise.

Browsers and systems are named by ua-parser, with its resolver in plain Python and without the patterns of devices:
1.7 MB of a process of 103 MB, 0.05 s to import and 0.13 s for the first name, 1 ms for each other. A compiled engine is
faster than a list of sessions needs, and takes 7 MB (re2) or 26 MB (Rust) more. It is imported with the first list.
"""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User

if TYPE_CHECKING:
    from ua_parser import PartialResult

logger = logging.getLogger(__name__)

# Time between two writes of one session, however many pages it opens.
SEEN_EVERY = timedelta(minutes=5)
# What comes before or after a browser's name for a phone or a test, as in "Mobile Safari" and "Chrome Mobile iOS".
_VARIANTS = re.compile(r"^Mobile |^Headless|( Mobile| iOS| WebView| UI/WKWebView)+$")
_SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS", "Ubuntu": "Linux"}


def device_name(user_agent: str) -> str:
    """`Firefox on Windows`, as far as the User-Agent says so."""
    family, system = _found(user_agent)
    browser = family or _("A browser")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


@lru_cache(1_000)
def _found(user_agent: str) -> tuple[str, str]:
    """The names of the browser and of the system, or ""."""
    parsed = _parser()(user_agent)
    family = _VARIANTS.sub("", parsed.user_agent.family) if parsed.user_agent else ""
    system = parsed.os.family if parsed.os else ""
    if system == "iOS":
        system = "iPad" if "iPad" in user_agent else "iPhone"
    return family, _SYSTEMS.get(system, system)


@cache
def _parser() -> "Callable[[str], PartialResult]":
    from ua_parser import Domain, Parser
    from ua_parser.basic import Resolver
    from ua_parser.loaders import load_lazy_builtins

    browsers, systems, _devices = load_lazy_builtins()
    parser = Parser(Resolver((browsers, systems, [])))
    return lambda user_agent: parser(user_agent, Domain.USER_AGENT | Domain.OS)


def session_seen(request: HttpRequest) -> None:
    """Record that this session opened a page; also records sessions that are older than this feature."""
    key = request.session.session_key
    row = UserSession.objects.filter(session_key=key).first()
    if row is None or row.last_seen_at < timezone.now() - SEEN_EVERY:
        try:
            UserSession.objects.create_from_request(request)
        except DatabaseError as error:
            # Not worth refusing the page: the next one records it.
            logger.warning("A session's visit was not noted: %s", type(error).__name__)


def sessions_of(user: User) -> list[UserSession]:
    """The valid sessions, the most recently seen first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


def session_end(*, user: User, session_id: int) -> bool:
    """End one session of the person, and the sockets that were opened with it; False when it does not exist."""
    session = UserSession.objects.filter(user=user, pk=session_id).first()
    if session is None:
        return False
    session.end()
    return True
