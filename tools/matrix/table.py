"""The table of the matrix, as Markdown, and the page that keeps it."""

from collections.abc import Mapping
from pathlib import Path

from tools.matrix.catalogue import ROWS
from tools.matrix.row import Outcome

BEGIN, END = "<!-- matrix: written by bin/matrix -->", "<!-- end of the matrix -->"
HEADING = ["| Row | What | Version | Result | Note |", "|---|---|---|---|---|"]


def table(outcomes: Mapping[str, Outcome]) -> str:
    lines = [_line(row.name, row.title, outcomes[row.name]) for row in ROWS if row.name in outcomes]
    return "\n".join([*HEADING, *lines])


def read(page: Path) -> dict[str, Outcome]:
    """The outcomes by row that a page holds."""
    text = page.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    return {name.strip("`"): Outcome(version, note, result) for name, _, version, result, note in rows}


def write(page: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Put these outcomes into the page; rows that were not run now keep theirs."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} lacks the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{table(read(page) | dict(outcomes))}\n\n{END}{after}")


def _line(name: str, title: str, outcome: Outcome) -> str:
    note = outcome.note.replace("|", "\\|").replace("\n", " ")
    return f"| `{name}` | {title} | {outcome.version or '—'} | {outcome.result} | {note} |".replace("\\|", "/")
