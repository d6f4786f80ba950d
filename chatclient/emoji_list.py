"""The server's custom emoji, as far as a connection has read them. No I/O."""

from dataclasses import dataclass

from chatclient.events import CustomEmoji, EmojiChanged, EmojiPage


@dataclass(frozen=True, slots=True)
class Asked:
    """A requested page: on which connection, and after which name."""

    connection: int
    after: str | None


class EmojiList:
    """Read in pages on the first request; then changes keep it up to date until the connection is lost."""

    def __init__(self) -> None:
        self.complete = False
        self._connection = 0
        self._after: str | None = None
        # By displayed name.
        self._found: dict[str, CustomEmoji] = {}
        self._asked = False
        # Changes that arrived after the first page was requested and before the last one arrived.
        self._changes: list[EmojiChanged] = []

    @property
    def by_name(self) -> dict[str, CustomEmoji]:
        """Each emoji by each of its names."""
        shown = (self._found[name] for name in sorted(self._found))
        return {name: emoji for emoji in shown for name in (emoji.name, *emoji.aliases)}

    def ask(self) -> Asked:
        """The next page to request."""
        self._asked = True
        return Asked(self._connection, self._after)

    def add(self, page: EmojiPage, asked: Asked) -> None:
        """Take a page. It is dropped if another call was faster, or if the connection was lost since the request:
        changes may have been missed in between."""
        if self.complete or asked != Asked(self._connection, self._after):
            return
        self._found |= {emoji.name: emoji for emoji in page.emoji}
        self._after = page.next
        if page.next is None:
            self.complete = True
            for event in self._changes:
                self._change(event)
            self._changes.clear()

    def changed(self, event: EmojiChanged) -> None:
        """An emoji was added, has other names, or was deleted."""
        if self.complete:
            self._change(event)
        elif self._asked:
            self._changes.append(event)

    def forget(self) -> None:
        """Forget everything: the connection is lost, and changes from now on are missed."""
        self.complete = self._asked = False
        self._connection += 1
        self._after = None
        self._found = {}
        self._changes.clear()

    def _change(self, event: EmojiChanged) -> None:
        self._found.pop(event.name, None)
        if event.emoji is not None:
            self._found[event.emoji.name] = event.emoji
