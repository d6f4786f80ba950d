"""Authentication of every endpoint, and its rate limits."""

from django.http import HttpRequest
from ninja.utils import check_csrf

from chat.api.errors import HttpCode, HttpRefusal
from chat.identity import Identity, throttle
from chat.identity.credentials import identify, is_anonymous
from chat.lib import client_address, csrf
from chat.live import db
from chat.live.hub import current_hub
from chat.live.join_limits import pay
from chat.protocol.errors import ChatError, Code

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class AuthedRequest(HttpRequest):
    """A request with an authenticated caller, `auth`."""

    auth: Identity


class Authentication:
    """Accepts the credentials that `chat.identity.credentials` knows: a token or ticket, or the session cookie with a
    CSRF token.

    `sends`: the request counts as a sent message, in the rate limit shared with the person's sockets. `counted`: it
    counts in the limit of requests to the API. `reads`: a read-only token can make it, whatever the method.
    """

    def __init__(self, *, sends: bool = False, counted: bool = True, reads: bool = False) -> None:
        self._sends = sends
        self._counted = counted
        self._reads = reads

    async def __call__(self, request: HttpRequest) -> Identity:
        """The identity of the caller.

        Raises:
            HttpRefusal: no valid credentials, or a cookie without a CSRF token.
            ChatError: `rate_limited`.
        """
        proof = _Credentials(request)
        if proof.is_none:
            raise not_signed_in()
        # From here on, changes by this process are published to the sockets of all processes.
        hub = current_hub()
        identity = await db.run(proof.check, counted=self._counted)
        if needed := _lacking(identity, reads=self._reads or request.method in SAFE_METHODS):
            raise ChatError(Code.FORBIDDEN, f"This token lacks the scope {needed}.")
        if self._sends:
            pay(hub, identity.user)
        return identity


def _lacking(identity: Identity, *, reads: bool) -> str:
    """The scope that the token lacks for this request, or "". Rules check `moderate`."""
    needed = "read" if reads else "write"
    # Moderating is writing, so `moderate` includes `write`.
    held = identity.scopes | ({"write"} if "moderate" in identity.scopes else set())
    return "" if needed in held else needed


class _Credentials:
    """The parts of a request that can hold credentials."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.cookies = request.COOKIES
        self.query = request.GET.dict()
        self.address = client_address.of_request(request)

    @property
    def is_none(self) -> bool:
        return is_anonymous(headers=self.headers, cookies=self.cookies, query=self.query)

    def check(self, *, counted: bool = True) -> Identity:
        identity = identify(headers=self.headers, cookies=self.cookies, query=self.query)
        if identity is None:
            raise stranger(self.address)
        if counted:
            _refuse_if(throttle.check("api", person=str(identity.user.pk)))
        # Checked here, in the thread: a project may keep the CSRF token in the session.
        if identity.kind == "session" and self.request.method not in SAFE_METHODS and check_csrf(self.request):
            raise ChatError(Code.FORBIDDEN, f"Send the CSRF token of the page in the header {csrf.header()}.")
        return identity


def _refuse_if(wait: int | None) -> None:
    if wait:
        raise ChatError(Code.RATE_LIMITED, "You are asking too often.", retry_after=wait)


def stranger(address: str) -> HttpRefusal:
    """The refusal of invalid credentials; counts the attempt of this address.

    Raises:
        ChatError: `rate_limited`.
    """
    _refuse_if(throttle.check("stranger", address=address))
    return not_signed_in()


def not_signed_in() -> HttpRefusal:
    """The refusal of a request without valid credentials."""
    return HttpRefusal(
        HttpCode.NOT_SIGNED_IN, "Sign in first: send a token, or the session cookie of a signed-in page."
    )


signed_in = Authentication()
sending = Authentication(sends=True)
connecting = Authentication(reads=True)
# For URLs that a page requests by the dozen.
reading_files = Authentication(counted=False)
