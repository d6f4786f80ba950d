"""The demo workspace: its users and rooms, its conversations, and how they become numbered history."""
