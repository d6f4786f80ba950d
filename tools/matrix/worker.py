"""The worker class that docs/self-hosting.md asks gunicorn to have."""

from uvicorn_worker import UvicornWorker


class Worker(UvicornWorker):
    CONFIG_KWARGS = {"ws": "chat.uvicorn:SocketProtocol", "lifespan": "off", "timeout_graceful_shutdown": 5}
