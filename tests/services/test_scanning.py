"""The virus scanner: files that it flags are refused, and a setting decides what happens without its verdict."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.management.doctor.folder import file_scanner
from chat.media.refused import Refused
from chat.protocol.errors import ChatError, Code
from chat.services.scanning import check_harmless
from support.processes import free_port

# The industry's test file, in two parts: virus scanners on this machine scan this file, too.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MOST_BYTES = 1_000_000


class Clamd(socketserver.StreamRequestHandler):
    """Answers as clamd 1.4 does."""

    def handle(self) -> None:
        """Answer one command."""
        command = self.command()
        if command == b"zVERSION":
            self.wfile.write(b"ClamAV 1.4.6/27800/Sun Nov 29 09:00:00 2026\0")
            return
        assert command == b"zINSTREAM"
        sent = bytearray()
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            sent += self.rfile.read(length)
            if len(sent) > MOST_BYTES:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in sent else b"stream: OK\0")

    def command(self) -> bytes:
        """The command, which ends with NUL."""
        read = bytearray()
        while (byte := self.rfile.read(1)) != b"\0":
            read += byte
        return bytes(read)


@pytest.fixture
def clamd(settings: Any) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.CHAT_FILE_SCANNER = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "sent"
    path.write_bytes(content)
    return path


def test_what_the_scanner_finds_is_refused_and_the_rest_passes(clamd: None, tmp_path: Path) -> None:
    check_harmless(written(tmp_path, b"harmless words" * 50_000))
    with pytest.raises(Refused, match="virus scanner refuses"):
        check_harmless(written(tmp_path, b"a letter, and in it " + EICAR))


def test_a_file_that_is_too_large_for_the_scanner_is_refused_or_taken_by_setting(
    clamd: None, tmp_path: Path, settings: Any
) -> None:
    large = written(tmp_path, b"x" * (MOST_BYTES * 5))
    with pytest.raises(Refused, match="too large for the server's virus scanner"):
        check_harmless(large)
    settings.CHAT_FILE_SCAN_REQUIRED = False
    check_harmless(large)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "unix:///nowhere/clamd.ctl"])
def test_without_its_scanner_a_file_waits_or_is_taken_by_setting(address: str, tmp_path: Path, settings: Any) -> None:
    settings.CHAT_FILE_SCANNER = address.format(port=free_port())
    sent = written(tmp_path, EICAR)
    with pytest.raises(ChatError) as refused:
        check_harmless(sent)
    assert (refused.value.code, "virus scanner" in refused.value.message) == (Code.UNAVAILABLE, True)
    settings.CHAT_FILE_SCAN_REQUIRED = False
    check_harmless(sent)


def test_the_doctor_says_which_scanner_answers(clamd: None) -> None:
    assert [finding.line for finding in file_scanner()] == ["scanner: ClamAV 1.4.6/27800/Sun Nov 29 09:00:00 2026"]
