"""The HTTP API under `/api/v1`: the services of the socket, for programs and for what a page needs no socket for."""
