"""A form with files, read as it arrives: `multipart/form-data` (RFC 7578)."""

from collections import deque
from collections.abc import AsyncIterator

from python_multipart.multipart import MultipartParser, parse_options_header

from chat.protocol.errors import ChatError, Code
from chat.server.bodies import FORM_BYTES

FIELD_BYTES = 8 * 1024


class Form:
    """Yields the fields `file` in pieces, and collects the texts of the other fields, complete when the form has ended.

    `most`: the maximum number of files. `field_bytes`: the maximum size of a text.
    """

    def __init__(
        self, content_type: str, pieces: AsyncIterator[bytes], *, most: int = 1, field_bytes: int = FIELD_BYTES
    ) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise bad_form()
        self.filename: str | None = None
        self.fields: dict[str, list[str]] = {}
        self._pieces = pieces
        self._most = most
        self._field_bytes = field_bytes
        self._files = 0
        # The beginning of a file (its name), its bytes, and its end (None).
        self._out: deque[str | bytearray | None] = deque()
        self._text = bytearray()
        self._name = ""
        self._is_file = False
        self._whole = False
        # Bytes outside files, which are held in memory or dropped.
        self._beside = 0
        self._header = [bytearray(), bytearray()]
        self._headers: dict[bytes, bytes] = {}
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._headers.clear,
                "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._part_begins,
                "on_part_data": self._part_data,
                "on_part_end": self._part_ends,
                "on_end": self._ends,
            },
        )

    def text(self, name: str) -> str:
        """The text of a field, or ""."""
        return self.fields.get(name, [""])[-1]

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the one field `file`; the whole form is read.

        Raises:
            ChatError: `invalid`: it is not a form with a file, or ends before its last boundary.
        """
        async for _, pieces in self.files():
            async for piece in pieces:
                yield piece
        if self.filename is None:
            raise bad_form()

    async def files(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """The name and the bytes of each field `file`; read the bytes before the next field.

        Raises:
            ChatError: `invalid`: it is not a form, ends before its last boundary, or has more files.
        """
        while await self._more():
            name = self._out.popleft()
            if isinstance(name, str):
                yield name, self._bytes()

    async def _bytes(self) -> AsyncIterator[bytes]:
        while await self._more():
            piece = self._out.popleft()
            if not isinstance(piece, bytearray):
                return
            yield bytes(piece)

    async def _more(self) -> bool:
        """Read on until part of a file is there; returns False at the end of the form."""
        while not self._out:
            piece = await anext(self._pieces, None)
            if piece is None:
                if not self._whole:
                    raise bad_form()
                return False
            try:
                self._parser.write(piece)
            except ValueError:
                raise bad_form() from None
            self._beside += len(piece) - sum(len(data) for data in self._out if isinstance(data, bytearray))
            if self._beside > FORM_BYTES:
                raise bad_form()
        return True

    def _header_end(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = [bytearray(), bytearray()]

    def _part_begins(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = self._name == "file"
        if self._is_file:
            self._files += 1
            if self._files > self._most:
                raise too_many(self._most)
            # Browsers write a quotation mark as %22 (HTML, multipart/form-data encoding algorithm).
            self.filename = options.get(b"filename", b"").decode("utf-8", "replace").replace("%22", '"')
            self._out.append(self.filename)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            # Data that resembles the boundary comes in pieces of a few bytes, each of which would cost an iteration.
            if self._out and isinstance(self._out[-1], bytearray):
                self._out[-1] += data[start:end]
            else:
                self._out.append(bytearray(data[start:end]))
        elif len(self._text) + end - start > self._field_bytes:
            raise bad_form()
        else:
            self._text += data[start:end]

    def _ends(self) -> None:
        self._whole = True

    def _part_ends(self) -> None:
        if self._is_file:
            self._out.append(None)
        elif self._name:
            self.fields.setdefault(self._name[:100], []).append(self._text.decode("utf-8", "replace"))
        self._text.clear()


def too_many(most: int) -> ChatError:
    """The refusal of a form with more than `most` files."""
    sentence = "Send one file at a time." if most == 1 else f"Send at most {most} files with a message."
    return ChatError(Code.INVALID, sentence, fields={"files": f"has more than {'one file' if most == 1 else most}"})


def bad_form() -> ChatError:
    """The refusal of a body that is not a form with a file."""
    return ChatError(
        Code.INVALID, "Send a form (multipart/form-data) with a field `file`.", fields={"files": "has no file"}
    )
