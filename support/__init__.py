"""What the tests stand on: the cast, and real servers started for one run and stopped with it."""
