"""The names of people and rooms that scenes and workspace share."""

# The administrator, whose windows most scenes show.
VIEWER = "ines"
MODERATOR = "teodor"
MEMBER = "hana"
BANNED = "bjarne"
# Has an account, and has never been here.
NEWCOMER = "noor"
# The room with every kind of content.
TRIAL = "field-trial"
# The room with panes beside a conversation: threads, pins, saved and scheduled messages.
CHARTS = "chart-room"
