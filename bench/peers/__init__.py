"""Other servers, in the few lines that their own documentation shows."""
