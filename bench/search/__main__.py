"""`python -m bench.search`: fill a database of its own, and print recall, sizes and times as JSON."""

import argparse
import json
import os
import sys

from bench.own_database import own_database


def main() -> None:
    """Measure in a new database, an SQLite file or a private PostgreSQL."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--messages", type=int, default=5_000_000)
    parser.add_argument(
        "--recall", type=int, default=0, metavar="QUERIES", help="compare what this number of queries finds"
    )
    parser.add_argument("--no-others", action="store_true", help="leave out what the databases have of their own")
    parser.add_argument("--ingest", action="store_true", help="also post with and without the indexer beside it")
    parser.add_argument("--plans", action="store_true", help="also print what the database does for each kind of query")
    options = parser.parse_args()
    with own_database(options.database):
        measure(options)


def measure(options: argparse.Namespace) -> None:
    """Print the figures as they come."""
    from bench.search import corpus, filling, ingest, plans, recall, speed

    show("messages", options.messages)
    reader = filling.fill(min(options.messages, filling.GENERATED))
    show("index seconds", filling.index())
    if options.recall:
        show("recall", recall.measure(reader, corpus.queries(options.recall)))
    if options.messages > filling.GENERATED:
        filling.copy(options.messages // filling.GENERATED)
    show("MB", filling.sizes())
    show("load", os.getloadavg())
    show("ms", speed.ours(reader))
    show("statements", plans.statements(reader))
    if options.plans:
        show("plans", plans.plans(reader))
    if options.ingest:
        show("ingest", ingest.measure(reader))
    if not options.no_others:
        show("others, ms", speed.others())
        show("others, MB", speed.other_sizes())


def show(name: str, figure: object) -> None:
    """One figure, as a line of JSON."""
    sys.stdout.write(json.dumps({name: figure}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
