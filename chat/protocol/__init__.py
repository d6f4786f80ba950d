"""The wire contract as code: pure, and the only place that knows the names of fields."""
