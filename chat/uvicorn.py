"""The name by which commands of operators know the socket class: `uvicorn --ws chat.uvicorn:SocketProtocol`."""

from chat.server.uvicorn_protocol import SocketProtocol

__all__ = ["SocketProtocol"]
