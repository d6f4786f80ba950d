"""The chat server of the usual Channels tutorial, as a yardstick: a complete Django project of its own."""
