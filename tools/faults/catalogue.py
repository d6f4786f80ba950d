"""Every fault by its name, with its size in the tests and in `bin/faults`."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from tools.faults import (
    crowd,
    database,
    disk,
    failover,
    large_files,
    layer,
    links,
    notifying,
    peers,
    processes,
    restored,
    storage,
    uploads,
)
from tools.faults.floods.harness import floods
from tools.faults.floods.ways import WAYS
from tools.faults.verdict import Verdict


@dataclass(frozen=True)
class Fault:
    name: str
    inject: Callable[..., Coroutine[Any, Any, Verdict]]
    # Arguments of `inject`: the same fault, smaller and larger.
    short: Mapping[str, Any]
    long: Mapping[str, Any]

    @property
    def about(self) -> str:
        return (self.inject.__doc__ or "").splitlines()[0]


FAULTS = [
    Fault("layer-loses", layer.layer_loses, {"seconds": 3}, {"seconds": 60}),
    Fault("redis-killed", layer.redis_killed, {"seconds": 3}, {"seconds": 10}),
    Fault("redis-silent", layer.redis_silent, {"seconds": 5}, {"seconds": 20}),
    Fault("postgres-away", database.postgres_away, {"seconds": 2, "cuts": 2}, {"seconds": 10, "cuts": 60}),
    Fault("postgres-fails-over", failover.postgres_fails_over, {"times": 1}, {"times": 3}),
    Fault("pgbouncer-killed", failover.pgbouncer_killed, {"times": 1}, {"times": 10}),
    Fault("redis-fails-over", failover.redis_fails_over, {"traffic_seconds": 1}, {"traffic_seconds": 10}),
    Fault("rolling-restart", processes.rolling_restart, {"sockets": 12, "rounds": 1}, {"sockets": 500, "rounds": 2}),
    Fault(
        "rolling-upgrade",
        processes.rolling_upgrade,
        {"sockets": 12, "migrations": 1},
        {"sockets": 200, "migrations": 5},
    ),
    Fault("writer-floods", peers.writer_floods, {"frames": 1_000}, {"frames": 100_000}),
    Fault(
        "floods",
        floods,
        {"seconds": 0.2, "size": 0.01, "fresh": False, "ways": [WAYS[0]]},
        {"seconds": 5, "size": 1.0, "fresh": True},
    ),
    Fault(
        "sqlite-hurt",
        disk.sqlite_hurt,
        {"kills": 1, "locked": 5, "full": 1},
        {"kills": 100, "locked": 5, "full": 10},
    ),
    Fault("sockets-dropped", crowd.sockets_dropped, {"sockets": 24, "processes": 2}, {"sockets": 2000, "processes": 2}),
    Fault("nobody-speaks", crowd.nobody_speaks, {"seconds": 5.5, "ours": False}, {"seconds": 75, "ours": True}),
    Fault("peer-vanishes", crowd.peer_vanishes, {"ping": 1, "told": False}, {"ping": 20, "told": True}),
    Fault("hostile-frames", peers.hostile_frames, {"frames": 5_000}, {"frames": 100_000}),
    Fault("database-restored", restored.database_restored, {"messages": 30}, {"messages": 1000}),
    Fault(
        "reader-stalls",
        peers.reader_stalls,
        {"megabytes": 1, "warm": 250, "readers": 2},
        {"megabytes": 200, "warm": 600, "readers": 6},
    ),
    Fault(
        "uploads-cut",
        uploads.uploads_cut,
        {"files": 12, "kilobytes": 300, "kills": 1},
        {"files": 200, "kilobytes": 2000, "kills": 20},
    ),
    Fault("large-files", large_files.large_files, {"up": 4, "down": 6, "servers": ["serve"]}, {"up": 25, "down": 100}),
    Fault(
        "storage-away",
        storage.storage_away,
        {"files": 4, "kilobytes": 100, "seconds": 1, "silent": False},
        {"files": 60, "kilobytes": 1000, "seconds": 30, "silent": True},
    ),
    Fault(
        "notifications",
        notifying.notifications,
        {"devices": 4, "messages": 6, "away": 0.5, "lease": False},
        {"devices": 20, "messages": 10, "away": 12, "lease": True},
    ),
    Fault(
        "links-fail",
        links.links_fail,
        {"seconds": 2, "links": links.LINKS[:1], "ways": ["cut"]},
        {"seconds": 10, "links": links.LINKS, "ways": list(links.WAYS)},
    ),
    Fault("process-killed", processes.process_killed, {"times": 1}, {"times": 200}),
]
