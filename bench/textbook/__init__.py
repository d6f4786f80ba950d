"""The chat server of the usual Channels tutorial, as a baseline: a Django project of its own."""
