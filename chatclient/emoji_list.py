"""The emoji of the server's own, as far as a connection has read them. No I/O."""

from dataclasses import dataclass

from chatclient.events import CustomEmoji, EmojiChanged, EmojiPage


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that was asked for: on which connection, and after which name."""

    connection: int
    after: str | None


class EmojiList:
    """Read in pages when it is first asked for; then the changes keep it up to date until the connection is lost."""

    def __init__(self) -> None:
        self.complete = False
        self._connection = 0
        self._after: str | None = None
        # By the name that is shown.
        self._found: dict[str, CustomEmoji] = {}
        self._asked = False
        # Those that came since the first page was asked for, until the last one is here.
        self._changes: list[EmojiChanged] = []

    @property
    def by_name(self) -> dict[str, CustomEmoji]:
        """Each emoji by each of its names."""
        shown = (self._found[name] for name in sorted(self._found))
        return {name: emoji for emoji in shown for name in (emoji.name, *emoji.aliases)}

    def ask(self) -> Asked:
        """The next page."""
        self._asked = True
        return Asked(self._connection, self._after)

    def add(self, page: EmojiPage, asked: Asked) -> None:
        """A page has come. Dropped when another call was faster, or the connection was lost meanwhile: changes may be
        missing between the two."""
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
        """The connection is lost, and with it the changes from now on."""
        self.complete = self._asked = False
        self._connection += 1
        self._after = None
        self._found = {}
        self._changes.clear()

    def _change(self, event: EmojiChanged) -> None:
        self._found.pop(event.name, None)
        if event.emoji is not None:
            self._found[event.emoji.name] = event.emoji
