"""Every scenario, in the order in which they are run."""

from bench.measuring import Scenario
from bench.scenarios.away import AWAY
from bench.scenarios.browser import BROWSER
from bench.scenarios.crowd import CROWD
from bench.scenarios.fanout import BURST, FANOUT
from bench.scenarios.growth import ROOM_SIZE, ROOMS
from bench.scenarios.ingest import INGEST
from bench.scenarios.latency import LATENCY
from bench.scenarios.lighthouse import LIGHTHOUSE
from bench.scenarios.notifications import NOTIFICATIONS
from bench.scenarios.page import PAGE
from bench.scenarios.processes import PROCESSES
from bench.scenarios.queries import QUERIES
from bench.scenarios.requests import REQUESTS
from bench.scenarios.sockets import SOCKETS
from bench.scenarios.thumbnails import THUMBNAILS
from bench.scenarios.uploads import UPLOADS

SCENARIOS: dict[str, Scenario] = {
    one.name: one
    for one in (
        FANOUT,
        BURST,
        INGEST,
        LATENCY,
        NOTIFICATIONS,
        AWAY,
        SOCKETS,
        CROWD,
        QUERIES,
        PROCESSES,
        ROOM_SIZE,
        ROOMS,
        BROWSER,
        PAGE,
        LIGHTHOUSE,
        REQUESTS,
        UPLOADS,
        THUMBNAILS,
    )
}
