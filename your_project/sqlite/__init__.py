"""SQLite, whose writers find the lock soon after it is free: `ENGINE = "your_project.sqlite"`."""
