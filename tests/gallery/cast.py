"""Who and where: the names that scenes and workspace share."""

# The administrator, and the eyes of most scenes.
VIEWER = "ines"
MODERATOR = "teodor"
MEMBER = "hana"
BANNED = "bjarne"
# The room with every kind of content.
TRIAL = "field-trial"
