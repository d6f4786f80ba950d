"""Django's PostgreSQL backend, with what it and its pool lack for a server that acknowledges messages."""
