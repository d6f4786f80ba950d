"""The checks of `manage.py doctor`: one module for each topic, with a function that yields findings, in this order."""

from collections.abc import Callable, Iterator

from chat.management.doctor.backups import backups
from chat.management.doctor.configuration import configuration
from chat.management.doctor.database import database
from chat.management.doctor.finding import Finding
from chat.management.doctor.folder import data_folder, file_scanner, file_storage
from chat.management.doctor.notifications import mail_server, push_key
from chat.management.doctor.redis import redis
from chat.management.doctor.static import static_files

CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    configuration,
    data_folder,
    file_storage,
    file_scanner,
    static_files,
    database,
    redis,
    push_key,
    mail_server,
    backups,
)
