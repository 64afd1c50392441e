"""Another origin: pages that hold the widget, under a policy of their own, and a slow service."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

_HOSTILE = """
* { display: none !important; visibility: hidden !important; opacity: .1 !important; color: red !important;
    font-size: 50px !important; line-height: .2 !important; text-transform: uppercase !important;
    letter-spacing: 1em !important; pointer-events: none !important; text-indent: -99em !important;
    white-space: nowrap !important; text-align: end !important; cursor: none !important; }
html, head ~ body, .place { display: block !important; visibility: visible !important; opacity: 1 !important; }
button { display: none !important; } button, a, p { transform: scale(0) !important; }
"""


class Host:
    """Serves what :meth:`hold` gives it a page for, on a free port, until the end of the block."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str, str]] = {}
        self._styles = {"/hostile.css": _HOSTILE}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self.answer: dict[str, Any] = {}
        self.found = threading.Event()
        """Set it, and the slow service tells what it found."""
        self.answered = threading.Event()
        """Set it, and the slow service gives :attr:`answer`."""
        self.left = threading.Event()
        """Set when a client left the slow service before its answer."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.found.set()
        self.answered.set()
        self._server.shutdown()
        self._server.server_close()

    def hold(self, service: str, attributes: str = "", *, lang: str = "en", is_hostile: bool = False) -> str:
        """The address of a new page with the widget of ``service``."""
        path = f"/page-{len(self._pages)}"
        style = '<link rel="stylesheet" href="/hostile.css">' if is_hostile else ""
        text = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Host</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{style}'
            f'<script src="{service}/widget.js" defer></script></head>'
            f'<body><main class="place"><h1>Host</h1><pullquote-chat {attributes}></pullquote-chat></main></body>'
            "</html>"
        )
        policy = (
            f"default-src 'none'; script-src {service}; connect-src {service} 'self'; style-src 'self'; "
            "img-src data:; require-trusted-types-for 'script'; trusted-types lit-html"
        )
        self._pages[path] = text, policy
        return self.address + path

    def site(self, folder: Path, service: str) -> str:
        """The address of the ``index.html`` of a folder, made for a service at another address."""
        policy = "default-src 'self' " + service
        self._pages["/"] = (folder / "index.html").read_text().replace("http://127.0.0.1:8000", service), policy
        self._styles["/style.css"] = (folder / "style.css").read_text()
        return f"{self.address}/"

    def slow(self) -> str:
        """The address of the slow service, all of its events unset."""
        for event in (self.found, self.answered, self.left):
            event.clear()
        return f"{self.address}/slow"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path in host._styles:
                    return self._send(200, "text/css", host._styles[self.path])
                if self.path not in host._pages:
                    return self._send(204, "text/plain", "")
                text, policy = host._pages[self.path]
                return self._send(200, "text/html", text, {"content-security-policy": policy})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                host.found.wait(120)
                titles = [{"article_id": "a", "title": "The Storm"}, {"article_id": "b", "title": "The Ferry"}]
                self._event("found", {"standalone_question": "?", "articles": titles})
                while not host.answered.wait(0.05):
                    try:
                        self.wfile.write(b": waiting\n\n")
                    except OSError:
                        host.left.set()
                        return
                self._event("answered", host.answer)

            def _event(self, name: str, data: dict[str, Any]) -> None:
                self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())

            def _send(self, status: int, media_type: str, text: str, headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                self.send_header("content-type", f"{media_type}; charset=utf-8")
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        return Handler
