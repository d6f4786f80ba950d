"""A web site of our own for tests of link previews: pages by path, in a thread, with a record of the requests."""

import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


class WebSite:
    """`with WebSite() as site: …`; `asked` counts the requests by path, `headers` holds the last ones."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self._answers: dict[str, Answer] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                site.asked[path] += 1
                site.headers = dict(self.headers.items())
                answer = site._answers.get(path)
                if answer is None:
                    self.send_error(404)
                    return
                try:
                    answer(self)
                except OSError:
                    # The client has closed the connection.
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "WebSite":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def answer(self, path: str, answer: Answer) -> str:
        """Let a function answer this path; returns its address."""
        self._answers[path] = answer
        return self.url(path)

    def put(self, path: str, body: bytes, *, kind: str = "text/html", status: int = 200, **headers: str) -> str:
        """Serve these bytes there, with headers written `content_encoding`; returns the address."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        return self.answer(path, answer)
