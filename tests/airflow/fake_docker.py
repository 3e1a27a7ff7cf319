"""A Docker engine of the few requests that `DockerOperator` makes; containers are processes here.

It has every image whose name does not begin with ``missing``. A container has this interpreter as
``python``, and sees this machine's files.
"""

import json
import os
import signal
import struct
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit


class FakeContainer:
    """One container.

    Attributes:
        document: As it was sent.
        process: Once it has started.
    """

    def __init__(self, document):
        self.document = document
        self.process = None
        self.started = Event()

    def start(self, environment):
        command = [*self.document["Entrypoint"], *self.document["Cmd"]]
        assert command[0] == "python"
        own = dict(pair.split("=", 1) for pair in self.document["Env"])
        self.process = subprocess.Popen(
            [sys.executable, *command[1:]],
            env={**environment, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.set()

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def close(self):
        self.stop()
        if self.process:
            self.process.stdout.close()

    @property
    def state(self):
        if self.process is None:
            return "created"
        return "running" if self.process.poll() is None else "exited"

    def fits(self, filters):
        """Say whether it is one of those that are asked for."""
        labels = {f"{name}={text}" for name, text in self.document["Labels"].items()}
        return labels.issuperset(filters["label"]) and self.state in filters.get(
            "status", [self.state]
        )

    @property
    def status(self):
        code = (self.process and self.process.poll()) or 0
        return code if code >= 0 else 128 - code


class FakeDocker:
    """The engine.

    Attributes:
        url: Where it is.
        created: Every container that was created, as it was sent.
        containers: The containers that are there, by id.
        environment: What a container's process has beside its own variables.
        out_of_memory: Whether a container that is killed was killed for its memory.
    """

    def __init__(self, environment):
        self.created = []
        self.containers = {}
        self.environment = environment
        self.out_of_memory = False
        self.numbers = count()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"tcp://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        for one in self.containers.values():
            one.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(engine):  # noqa: C901 - one method for each kind of request
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            kind, name, _ = self._place()
            if kind == "_ping":
                self._send("OK")
            elif kind == "version":
                self._send({"ApiVersion": "1.44", "MinAPIVersion": "1.24"})
            elif kind == "images":
                query = parse_qs(urlsplit(self.path).query)
                there = not json.loads(query["filters"][0])["reference"][0].startswith("missing")
                self._send([{"Id": "sha256:1"}] if there else [])
            elif name == "json":
                filters = json.loads(parse_qs(urlsplit(self.path).query)["filters"][0])
                fitting = [i for i, one in engine.containers.items() if one.fits(filters)]
                self._send([{"Id": number} for number in fitting])
            else:
                status = engine.containers[name].status
                killed = status == 128 + signal.SIGKILL
                state = {"ExitCode": status, "OOMKilled": killed and engine.out_of_memory}
                self._send({"Id": name, "Config": {"Tty": False}, "State": state})

        def do_POST(self):
            kind, name, action = self._place()
            if kind == "images":
                self._send({"message": "pull access denied, repository does not exist"}, 404)
            elif name == "create":
                self._create(self._body())
            elif name not in engine.containers:
                self._send({"message": "no such container"}, 404)
            else:
                getattr(self, f"_{action}")(engine.containers[name])

        def do_DELETE(self):
            engine.containers.pop(self._place()[1]).close()
            self._send({}, 204)

        def _create(self, document):
            targets = [one["Target"] for one in document["HostConfig"].get("Mounts", [])]
            if len(set(targets)) < len(targets):
                self._send({"message": f"Duplicate mount point: {max(targets)}"}, 400)
                return
            engine.created.append(document)
            number = f"c{next(engine.numbers)}"
            engine.containers[number] = FakeContainer(document)
            self._send({"Id": number, "Warnings": []}, 201)

        def _start(self, container):
            container.start(engine.environment)
            self._send({}, 204)

        def _stop(self, container):
            container.stop()
            self._send({}, 204)

        def _wait(self, container):
            container.process.wait()
            self._send({"StatusCode": container.status})

        def _attach(self, container):
            self.send_response(101)
            self.send_header("Content-Type", "application/vnd.docker.raw-stream")
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", "tcp")
            self.end_headers()
            self.wfile.flush()
            self._stream(container)

        def _stream(self, container):
            container.started.wait(30)
            for line in container.process.stdout:
                self.wfile.write(struct.pack(">BxxxL", 1, len(line)) + line)
                self.wfile.flush()
            self.close_connection = True

        def _place(self):
            words = [word for word in urlsplit(self.path).path.split("/") if word]
            return (*(word for word in words if not word.startswith("v1.")), "", "")[:3]

        def _body(self):
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def _send(self, document, code=200):
            text = document if isinstance(document, str) else json.dumps(document)
            data = b"" if code == 204 else text.encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Say nothing."""

    return Handler
