"""The documented import path of the socket class: `uvicorn --ws chat.uvicorn:SocketProtocol`."""

from chat.server.uvicorn_protocol import SocketProtocol

__all__ = ["SocketProtocol"]
