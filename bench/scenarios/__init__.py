"""What is measured: one file for each thing somebody might ask of a chat server."""
