"""A server that answers what an S3 client asks when it reads the objects of one bucket."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class _Bucket(ThreadingHTTPServer):
    """Holds the objects by their keys."""

    objects: Mapping[str, bytes]


class _Answers(BaseHTTPRequestHandler):
    server: _Bucket

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self.wfile.write(self._answer())

    def _answer(self) -> bytes:
        """Send the head of an answer, and return its body."""
        asked, objects = urlsplit(self.path), self.server.objects
        key = asked.path.lstrip("/").partition("/")[2]
        if not key:
            prefix = parse_qs(asked.query).get("prefix", [""])[0]
            return self._send(200, _listed(objects, prefix))
        if key not in objects:
            return self._send(404, b"")
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if part is None:
            return self._send(200, objects[key])
        end = int(part[2]) + 1 if part[2] else None
        return self._send(206, objects[key][int(part[1]) : end])

    def _send(self, status: int, data: bytes) -> bytes:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"one"')
        self.end_headers()
        return data

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def one_bucket(objects: Mapping[str, bytes]) -> Iterator[str]:
    """Serve objects by their keys, in a bucket of any name; give the endpoint."""
    server = _Bucket(("127.0.0.1", 0), _Answers)
    server.objects = objects
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _listed(objects: Mapping[str, bytes], prefix: str) -> bytes:
    rows = "".join(
        f"<Contents><Key>{key}</Key><Size>{len(data)}</Size><ETag>one</ETag>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        for key, data in objects.items()
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()
