"""The HTTP API under `/api/v1`: the same services as the socket, for programs, and for pages where they need no
socket."""
