"""Writing archives of what is here; `chat.importing.backchannel` reads them."""
