"""Bodies and queries of requests, and responses that are not events of the protocol."""
