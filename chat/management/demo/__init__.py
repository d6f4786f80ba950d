"""A made-up workspace to look at: who is in it, what they talk about, and how that becomes numbered history."""
