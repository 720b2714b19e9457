"""A web server in a process of its own: notes every request, answers as the file ``behaviour`` says.

Usage: python -m peyvand.testing.listener FOLDER. Its port is written to FOLDER/port. ``behaviour`` is a status, "redirect" or "drip".
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Listener(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        noted = {"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body}
        with (FOLDER / "requests").open("a") as file:
            file.write(json.dumps(noted) + "\n")
        behaviour = (FOLDER / "behaviour").read_text()
        if behaviour == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                self.wfile.write(b"x-more: y\r\n")
                time.sleep(0.2)
            return
        self.send_response(302 if behaviour == "redirect" else int(behaviour))
        if behaviour == "redirect":
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        return


server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
(FOLDER / "behaviour").write_text("200")
(FOLDER / "port.part").write_text(str(server.server_address[1]))
(FOLDER / "port.part").rename(FOLDER / "port")
server.serve_forever()
