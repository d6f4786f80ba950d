"""File descriptors: a process may have a limited number open; at the limit, every open and accept fails."""

import errno
import logging
import os
import resource

from chat import metrics

logger = logging.getLogger(__name__)


class Files:
    """Tracks whether this process can open another file. Logs only changes."""

    def __init__(self) -> None:
        self.run_out = False

    def look(self) -> bool:
        """Try to open a file, which takes some microseconds; returns whether the descriptors have run out."""
        try:
            os.close(os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            self._tell(error.errno in (errno.EMFILE, errno.ENFILE))
        else:
            self._tell(False)
        return self.run_out

    def _tell(self, run_out: bool) -> None:
        if run_out == self.run_out:
            return
        self.run_out = run_out
        metrics.FILES_RUN_OUT.set(run_out)
        if run_out:
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            logger.error(
                "Out of file descriptors: this process may open %d files and connections, and all are in use. New ones"
                " fail until some are closed; raise the limit (LimitNOFILE of systemd, ulimits of compose, ulimit -n).",
                most,
            )
        else:
            logger.warning("File descriptors are available again.")


files = Files()
