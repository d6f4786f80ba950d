"""The wire protocol: pure, and the only package that names its fields."""
