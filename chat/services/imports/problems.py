"""A file of what an import left out, with a row for each known place in the export."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

Format = Literal["csv", "jsonl"]
COLUMNS = ("kind", "count", "what", "why", "place")
# Spreadsheets run a cell that begins with one of these as a formula, and anyone may have written the export's text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def problems_file(report: Mapping[str, Any], form: Format) -> str:
    """The problems of a report as CSV with a header, or as JSON lines. `count` includes all places with the same
    reason; the report lists only the first ones."""
    rows = problem_rows(report)
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out = io.StringIO()
    written = csv.writer(out, lineterminator="\r\n")
    written.writerow(COLUMNS)
    written.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    # Without the byte order mark Excel does not read it as UTF-8.
    return "\ufeff" + out.getvalue()


def problem_rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows. `kind`: `left_out` for content that a person could miss, or `not_needed`."""
    for lost in report.get("left_out", []):
        for place in lost["places"] or [""]:
            yield {"kind": "left_out", **{name: lost[name] for name in ("count", "what", "why")}, "place": place}
    for what, count in report.get("not_needed", {}).items():
        yield {"kind": "not_needed", "count": count, "what": what, "why": "", "place": ""}


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
