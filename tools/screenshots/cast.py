"""Who and where: the names that scenes and workspace share."""

# The administrator, and the eyes of most scenes.
VIEWER = "ines"
MODERATOR = "teodor"
MEMBER = "hana"
BANNED = "bjarne"
# Has an account, and has never been here.
NEWCOMER = "noor"
# The room with every kind of content.
TRIAL = "field-trial"
# The room with what grows beside a conversation: threads, pins, saved and scheduled messages.
CHARTS = "chart-room"
