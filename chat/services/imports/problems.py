"""What an import left out, as a file: a row for each place in the export that is known."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

Format = Literal["csv", "jsonl"]
COLUMNS = ("kind", "count", "what", "why", "place")
# A spreadsheet runs a cell that begins with one of these as a formula; what the export says may be anybody's.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def problems_file(report: Mapping[str, Any], form: Format) -> str:
    """The problems of a report, as CSV with a line of titles, or an object in each line. `count` is of all places of
    the same reason, of which the report names the first."""
    rows = problem_rows(report)
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out = io.StringIO()
    written = csv.writer(out, lineterminator="\r\n")
    written.writerow(COLUMNS)
    written.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    # Otherwise Excel reads UTF-8 as another encoding.
    return "\ufeff" + out.getvalue()


def problem_rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """`kind` is `left_out`, which a person could miss, or `not_needed`."""
    for lost in report.get("left_out", []):
        for place in lost["places"] or [""]:
            yield {"kind": "left_out", **{name: lost[name] for name in ("count", "what", "why")}, "place": place}
    for what, count in report.get("not_needed", {}).items():
        yield {"kind": "not_needed", "count": count, "what": what, "why": "", "place": ""}


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
