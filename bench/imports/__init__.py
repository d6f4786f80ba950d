"""What taking over a large history costs: `python -m bench.imports --help`."""
