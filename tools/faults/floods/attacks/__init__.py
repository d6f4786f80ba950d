"""The attacks, by what they turn against. Each is a function of a `Target` that goes on while it is `running`."""
