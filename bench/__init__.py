"""What the server costs, measured beside what a user might take instead."""
