"""The base of the tests: the cast, and real servers that start and stop with one run."""
