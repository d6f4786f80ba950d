"""Scanning of uploads, if the operator has a scanner: clamd, or another one with its protocol
(https://docs.clamav.net/manual/Usage/ClamdProtocol.html, INSTREAM)."""

import logging
import socket
import struct
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from django.conf import settings

from chat import metrics
from chat.media.refused import Refused
from chat.protocol.errors import ChatError, unavailable

logger = logging.getLogger(__name__)

PORT = 3310
CHUNK_BYTES = 256 * 1024
CONNECT_SECONDS = 5.0
# clamd itself gives up after 120 s by default.
ANSWER_SECONDS = 130.0
_ANSWER_BYTES = 4096


class ScannerAway(Exception):
    """Raised when the scanner returns no verdict."""


class TooLargeToScan(ScannerAway):
    """Raised when the file is larger than the scanner accepts (`StreamMaxLength` of clamd)."""


def check_harmless(path: Path) -> None:
    """Have a file scanned, if a scanner is configured.

    Raises:
        Refused: the scanner found something, or does not accept files of this size.
        ChatError: `unavailable`: it returned no verdict, and CHAT_FILE_SCAN_REQUIRED is set.
    """
    if not settings.CHAT_FILE_SCANNER:
        return
    try:
        found = scan(path)
    except ScannerAway as problem:
        metrics.FILE_SCANS.labels("failed").inc()
        logger.warning("The scanner of files gave no verdict (%s).", problem)
        if settings.CHAT_FILE_SCAN_REQUIRED:
            raise _unscanned(problem) from problem
        return
    metrics.FILE_SCANS.labels("found" if found else "clean").inc()
    if found:
        # Log only the signature's name, nothing about the file.
        logger.warning("The scanner of files has found %s.", found)
        raise Refused("The server's virus scanner refuses this file.")


def _unscanned(problem: ScannerAway) -> Exception:
    if isinstance(problem, TooLargeToScan):
        return Refused("The file is too large for the server's virus scanner. Tell an administrator.")
    refusal: ChatError = unavailable()
    refusal.message = "The server cannot reach its virus scanner. Nothing was lost. Try again in a moment."
    return refusal


def scan(path: Path) -> str:
    """The name of the malware that the scanner found in the file, or "".

    Raises:
        ScannerAway: it returned no verdict.
    """
    with path.open("rb") as file:
        answer = _asked(b"zINSTREAM\0", file)
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")[:200]
    if "size limit exceeded" in verdict:
        raise TooLargeToScan(verdict[:200])
    raise ScannerAway(verdict[:200] or "no answer")


def version() -> str:
    """The scanner's version string.

    Raises:
        ScannerAway: it does not answer.
    """
    return _asked(b"zVERSION\0")


def _asked(command: bytes, file: BinaryIO | None = None) -> str:
    try:
        with _connected() as scanner:
            scanner.sendall(command)
            if file is not None:
                _send(scanner, file)
            answer = bytearray()
            while not answer.endswith(b"\0") and len(answer) < _ANSWER_BYTES and (data := scanner.recv(_ANSWER_BYTES)):
                answer += data
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _send(scanner: socket.socket, file: BinaryIO) -> None:
    try:
        while data := file.read(CHUNK_BYTES):
            scanner.sendall(struct.pack("!L", len(data)) + data)
        scanner.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        # The scanner has closed the connection, and its response says why: the file is too large.
        return


def _connected() -> socket.socket:
    address = urlsplit(settings.CHAT_FILE_SCANNER)
    if address.scheme == "unix":
        scanner = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        scanner.settimeout(CONNECT_SECONDS)
        try:
            scanner.connect(unquote(address.path))
        except BaseException:
            scanner.close()
            raise
    else:
        scanner = socket.create_connection((address.hostname or "", address.port or PORT), CONNECT_SECONDS)
    scanner.settimeout(ANSWER_SECONDS)
    return scanner
