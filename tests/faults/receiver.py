"""Who gets the alerts of a node."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer


class Receiver:
    """A receiver of alerts that can hang, and go away."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self._answers = threading.Event()
        self._answers.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer._answers.wait()
                outer.kinds.append(body["type"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

            def handle_one_request(self) -> None:
                # A sender that has stopped waiting no longer takes the answer.
                with suppress(ConnectionError):
                    super().handle_one_request()

        self._handler = Handler
        self._listen(0)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def hang(self) -> None:
        """Take connections, and answer nothing."""
        self._answers.clear()

    def leave(self) -> None:
        """Take no connections."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self) -> None:
        """Take connections and answer, also those that wait."""
        self._answers.set()
        if not self._thread.is_alive():
            self._listen(self._server.server_port)

    def close(self) -> None:
        self._answers.set()
        self.leave()

    def _listen(self, port: int) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
