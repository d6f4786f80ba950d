#!/usr/bin/env bash
# Python's email.message.EmailMessage (3.11 to 3.13), which Django uses since 6.0: a List-Unsubscribe with an address
# that does not fit into 78 characters is sent as encoded words, which a mailbox does not take for an address.
#
# RFC 2369 wants URLs in angle brackets, and RFC 2047, 5 forbids encoded words in them; RFC 8058's one-click needs the URL. The
# header is ASCII and has a URL of 97 characters, as signed tokens are. The classes of `email.mime`, which Django used before,
# fold it onto a line of its own. Parsed by Python itself it is whole again, so a test that parses does not see it.
# Received by aiosmtpd 1.4.6. Seen: as the assertions say.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aiosmtpd==1.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import email
import email.policy
import platform
import smtplib
import socket
from email.message import EmailMessage
from email.mime.text import MIMEText

from aiosmtpd.controller import Controller

URL = "https://chat.example.org/unsubscribe/" + "a1" * 30
received = []


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        received.append(envelope.content)
        return "250 OK"


def header(source):
    lines = source.split(b"\r\n\r\n")[0].split(b"\r\n")
    first = next(i for i, line in enumerate(lines) if line.startswith(b"List-Unsubscribe:"))
    return b"\n".join([lines[first], *(line for line in lines[first + 1 : first + 3] if line.startswith(b" "))])


new = EmailMessage(policy=email.policy.SMTP)
new.set_content("text")
old = MIMEText("text")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
controller = Controller(Mailbox(), hostname="127.0.0.1", port=port)
controller.start()
try:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for message in (new, old):
            message["List-Unsubscribe"] = f"<{URL}>"
            server.sendmail("a@example.org", ["b@example.org"], message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
finally:
    controller.stop()
print("Python", platform.python_version(), "with", len(URL), "characters")
for source in received:
    print(header(source).decode())
assert header(received[0]).startswith(b"List-Unsubscribe: =?utf-8?q?=3Chttps=3A//chat=2Eexample=2Eorg/")
assert URL.encode() not in received[0]
assert header(received[1]) == b"List-Unsubscribe: \n <" + URL.encode() + b">"
assert email.message_from_bytes(received[0], policy=email.policy.default)["List-Unsubscribe"] == f"<{URL}>"
PYTHON
