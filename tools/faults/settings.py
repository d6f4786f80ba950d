"""The product's settings with a channel layer that loses, doubles and delays: for the first fault only."""

from your_project.settings import *  # noqa: F403
from your_project.settings import CHANNEL_LAYERS

CHANNEL_LAYERS["default"]["BACKEND"] = "tools.faults.lossy.LossyLayer"
