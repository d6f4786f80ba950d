"""What the search finds, and what it costs: `python -m bench.search --help`."""
