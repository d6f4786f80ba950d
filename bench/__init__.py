"""Benchmarks: the server's cost, measured next to the alternatives."""
