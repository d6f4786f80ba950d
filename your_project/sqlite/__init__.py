"""SQLite whose writers notice soon that the lock is free: `ENGINE = "your_project.sqlite"`."""
