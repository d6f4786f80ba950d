"""The commands that the pages print: in console and shell blocks, and inline."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from support.servers import ROOT

# In reading order.
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").glob("*.md"))),
    "chatclient/README.md",
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
# Texts that a reader could type. Names of files and settings are not commands.
_SCRIPTS = "|".join(script.name for script in (ROOT / "bin").iterdir())
_COMMAND = re.compile(
    rf"(?:[A-Z_]+=\S+ )*(?:bin/(?:{_SCRIPTS})|manage\.py|\.venv/bin/\w+|python|pip|curl|docker|sudo|ssh"
    r"|uvicorn|hypercorn|granian)(?: .*)?"
)


@dataclass(frozen=True, slots=True)
class Printed:
    """One command. `output` is what the page shows as its output, by line; `inline` marks a command within prose."""

    page: str
    line: int
    text: str
    output: tuple[str, ...] = ()
    inline: bool = False

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def printed(page: str) -> list[Printed]:
    """The commands of a page, from top to bottom."""
    text = (ROOT / page).read_text()
    found = [
        command
        for block in _BLOCK.finditer(text)
        for command in _in_block(page, _line(text, block.start(2)), block[1], block[2])
    ]
    prose = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    found += [
        Printed(page, _line(prose, span.start()), span[1], inline=True)
        for span in _INLINE.finditer(prose)
        if _COMMAND.fullmatch(span[1])
    ]
    return sorted(found, key=lambda command: command.line)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _in_block(page: str, first: int, language: str, block: str) -> Iterator[Printed]:
    if language not in {"console", "sh", "bash"}:
        return
    command, at, output = "", 0, list[str]()
    for number, line in enumerate(block.splitlines(), first):
        if command.endswith("\\"):
            command += f"\n{line}"
        elif language != "console" or line.startswith(("$ ", "# ")):
            if command:
                yield Printed(page, at, command, tuple(output))
            command, at, output = line if language != "console" else line[2:], number, []
        else:
            output.append(line)
    if command:
        yield Printed(page, at, command, tuple(output))
