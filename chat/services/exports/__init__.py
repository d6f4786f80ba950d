"""Writing archives of this server's data; `chat.importing.backchannel` reads them."""
