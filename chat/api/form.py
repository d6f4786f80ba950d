"""A form with one file, read as it arrives: `multipart/form-data` (RFC 7578)."""

from collections.abc import AsyncIterator

from python_multipart.multipart import MultipartParser, parse_options_header

from chat.protocol.errors import ChatError, Code
from chat.server.bodies import FORM_BYTES

FIELD_BYTES = 8 * 1024


class Form:
    """The field `file`, as pieces, and the texts of the other fields: those known once the file has ended."""

    def __init__(self, content_type: str, pieces: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise bad_form()
        self.filename: str | None = None
        self.fields: dict[str, str] = {}
        self._pieces = pieces
        self._out: list[bytes] = []
        self._text = bytearray()
        self._name = ""
        self._is_file = False
        self._whole = False
        # Bytes that are not the file's: they are held in memory, or nothing is made of them.
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

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the field `file`; the whole form is read.

        Raises:
            ChatError: `invalid`: it is not a form with a file, or ends before its last boundary.
        """
        async for piece in self._pieces:
            try:
                self._parser.write(piece)
            except ValueError:
                raise bad_form() from None
            out, self._out = self._out, []
            self._beside += len(piece) - sum(map(len, out))
            if self._beside > FORM_BYTES:
                raise bad_form()
            for part in out:
                yield part
        if self.filename is None or not self._whole:
            raise bad_form()

    def _header_end(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = [bytearray(), bytearray()]

    def _part_begins(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = self._name == "file"
        if self._is_file:
            if self.filename is not None:
                raise ChatError(Code.INVALID, "Send one file at a time.", fields={"files": "has more than one file"})
            # Browsers write a quotation mark as %22 (HTML, multipart/form-data encoding algorithm).
            self.filename = options.get(b"filename", b"").decode("utf-8", "replace").replace("%22", '"')

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._out.append(data[start:end])
        elif len(self._text) + end - start > FIELD_BYTES:
            raise bad_form()
        else:
            self._text += data[start:end]

    def _ends(self) -> None:
        self._whole = True

    def _part_ends(self) -> None:
        if not self._is_file and self._name:
            self.fields[self._name[:100]] = self._text.decode("utf-8", "replace")
        self._text.clear()


def bad_form() -> ChatError:
    """The refusal of a body without a file in it."""
    return ChatError(
        Code.INVALID, "Send a form (multipart/form-data) with a field `file`.", fields={"files": "has no file"}
    )
