"""Log lines that a client without an account makes the server write."""

from tools.faults.floods.asking import Asking
from tools.faults.floods.target import Target

# Beginnings of secrets that the log hides, each repeated until a header or a URL is full.
BEGINNINGS = ("eyJaaaaa-", "eyJaaaaa.a-", "bc_a ", "token=", "token  ", "Bearer ", "password='")
FULL = 12_000


async def hosts(target: Target) -> None:
    """Requests with a Host that no setting allows, long and full of beginnings of secrets."""

    async def ask() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            while target.running:
                for beginning in BEGINNINGS:
                    host = (beginning * FULL)[:FULL].strip()
                    await asking.ask("GET", "/accounts/login/", headers={"Host": host})

    await target.beside(4, ask)


async def paths(target: Target) -> None:
    """The same in the path of pages that do not exist."""

    async def ask() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            while target.running:
                for beginning in BEGINNINGS:
                    # As in a URL: no spaces.
                    path = (beginning.replace(" ", "%20") * FULL)[: FULL // 2]
                    await asking.ask("GET", f"/nothing/{path}")

    await target.beside(4, ask)
