"""A Kubernetes API of the few requests that `KubernetesPodOperator` makes; pods are processes here.

A pod runs to its end when it is created, by its own command and arguments with this interpreter as
``python``, and stays until it is deleted.
"""

import json
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

_NOW = "2026-01-01T00:00:00Z"


class FakeKubernetes:
    """The API server.

    Attributes:
        created: Every pod that was created, as it was sent.
        deleted: Names of the pods that were deleted.
        environment: What a pod's process has beside the pod's own variables.
    """

    def __init__(self, environment):
        self.created = []
        self.deleted = []
        self.environment = environment
        self.pods = {}
        self.logs = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def kubeconfig(self, folder: Path) -> str:
        server = f"http://127.0.0.1:{self._server.server_port}"
        file = folder / "kubeconfig.json"
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": server}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
            "users": [{"name": "me", "user": {}}],
        }))  # fmt: skip
        return str(file)

    def create(self, pod):
        self.created.append(pod)
        name = pod["metadata"]["name"]
        (container,) = pod["spec"]["containers"]
        command = [*container["command"], *container["args"]]
        assert command[0] == "python"
        own = {var["name"]: var["value"] for var in container["env"]}
        done = subprocess.run(
            [sys.executable, *command[1:]],
            env={**self.environment, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.logs[name] = done.stdout
        self.pods[name] = {**pod, "status": _status(container, done.returncode)}
        return self.pods[name]

    def selected(self, selector):
        wanted = [clause for clause in re.split(",", selector) if clause]
        return [pod for pod in self.pods.values() if all(_has(pod, one) for one in wanted)]


def _status(container, exit_code):
    ended = {"exitCode": exit_code, "startedAt": _NOW, "finishedAt": _NOW}
    return {
        "phase": "Failed" if exit_code else "Succeeded",
        "startTime": _NOW,
        "conditions": [{"type": "PodScheduled", "status": "True"}],
        "containerStatuses": [{
            "name": container["name"], "image": container["image"], "imageID": "", "ready": False,
            "restartCount": 0, "state": {"terminated": ended},
        }],
    }  # fmt: skip


def _has(pod, clause):
    labels = pod["metadata"].get("labels", {})
    if clause.startswith("!"):
        return clause[1:] not in labels
    name, sign, value = re.split(r"(!?=)", clause, maxsplit=1)
    return (labels.get(name) == value) == (sign == "=")


def _handler(cluster):  # noqa: C901 - one method for each kind of request
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            place = urlsplit(self.path)
            query = parse_qs(place.query)
            kind, name, part = self._place(place.path)
            if kind == "events":
                self._send({"kind": "EventList", "metadata": {"resourceVersion": "1"}, "items": []})
            elif not name:
                found = cluster.selected(query.get("labelSelector", [""])[0])
                self._send({"kind": "PodList", "metadata": {}, "items": found})
            elif name not in cluster.pods:
                self._send({"kind": "Status", "reason": "NotFound", "code": 404}, 404)
            elif part == "log":
                lines = cluster.logs[name].splitlines()
                self._send_text("".join(f"{_NOW} {line}\n" for line in lines))
            else:
                self._send(cluster.pods[name])

        def do_POST(self):
            self._send(cluster.create(self._body()), 201)

        def do_PATCH(self):
            name = self._place(self.path)[1]
            changes = self._body()["metadata"]["labels"]
            cluster.pods[name]["metadata"].setdefault("labels", {}).update(changes)
            self._send(cluster.pods[name])

        def do_DELETE(self):
            name = self._place(urlsplit(self.path).path)[1]
            cluster.deleted.append(name)
            self._send(cluster.pods.pop(name))

        def _place(self, path):
            words = path.removeprefix("/api/v1/namespaces/").split("/")[1:]
            return (*words, "", "")[:3] if words else ("", "", "")

        def _body(self):
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def _send(self, document, code=200):
            self._send_text(json.dumps({"apiVersion": "v1", **document}), code, "application/json")

        def _send_text(self, text, code=200, kind="text/plain"):
            data = text.encode()
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Say nothing."""

    return Handler
