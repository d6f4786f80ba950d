"""Django's PostgreSQL backend with durable commits, and a pool that recovers quickly from an outage."""
