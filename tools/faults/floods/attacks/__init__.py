"""The attacks, by what they target. Each is a function of a `Target` that goes on while that is `running`."""
