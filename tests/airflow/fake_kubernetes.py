"""A Kubernetes API of the few requests that `KubernetesPodOperator` makes; pods are processes here.

A pod runs from when it is created, or a while later, until its process ends or it is deleted, by
its own command and arguments with this interpreter as ``python``. It waits for the Secrets that it
names, and those that it owns go with it. Nothing can pull an image that is named ``missing``.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from threading import RLock, Thread, Timer
from urllib.parse import parse_qs, urlsplit


class FakePod:
    """One pod.

    Attributes:
        document: As it was sent, with a uid.
        process: Its container, once that has started.
        log: What the container writes.
        ended: Why Kubernetes ended it: its reason and message.
    """

    def __init__(self, document, number):
        document["metadata"]["uid"] = f"uid-{number}"
        self.document = document
        self.process = None
        self.log = TemporaryFile("w+b")  # noqa: SIM115 - closed with the cluster
        self.ended = ()
        self.created = time.monotonic()
        self.finished = ""
        (self.container,) = document["spec"]["containers"]

    @property
    def name(self):
        return self.document["metadata"]["name"]

    @property
    def secrets(self):
        """Names of the Secrets whose keys become variables."""
        sources = self.container.get("envFrom") or ()
        return [source["secretRef"]["name"] for source in sources if "secretRef" in source]

    def start(self, environment, secrets):
        command = [*self.container["command"], *self.container["args"]]
        assert command[0] == "python"
        own = {var["name"]: var["value"] for var in self.container["env"]}
        self.process = subprocess.Popen(
            [sys.executable, *command[1:]],
            env={**environment, **secrets, **own},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def read(self):
        return os.pread(self.log.fileno(), 10**9, 0).decode()

    def state(self, missing):
        """The state of its container, and whether it failed."""
        if "missing" in self.container["image"]:
            return {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}, None
        if self.process is None and not missing:
            return {"waiting": {"reason": "ContainerCreating"}}, None
        if self.process is None:
            message = f'secret "{missing}" not found'
            return {"waiting": {"reason": "CreateContainerConfigError", "message": message}}, None
        code = self.process.poll()
        if code is None:
            return {"running": {"startedAt": _now()}}, None
        self.finished = self.finished or _now()
        ended = {"exitCode": code if code >= 0 else 128 - code, "finishedAt": self.finished}
        if code == -signal.SIGKILL and not self.ended:
            ended["reason"] = "OOMKilled"
        if code and self.container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            ended["message"] = self.read()[-2048:]
        return {"terminated": ended}, code != 0

    def shown(self, missing=""):
        state, failed = self.state(missing)
        phases = {None: "Running" if "running" in state else "Pending", True: "Failed"}
        status = {
            "phase": "Failed" if self.ended else phases.get(failed, "Succeeded"),
            "startTime": _now(),
            "conditions": [{"type": "PodScheduled", "status": "True"}],
            "containerStatuses": [{
                "name": self.container["name"], "image": self.container["image"], "imageID": "",
                "ready": False, "restartCount": 0, "state": state,
            }],
        }  # fmt: skip
        if self.ended:
            status |= {"reason": self.ended[0], "message": self.ended[1]}
        return {**self.document, "status": status}


class FakeKubernetes:
    """The API server.

    Attributes:
        created: Every pod that was created, as it was sent.
        deleted: Names of the pods that were deleted.
        made: Every Secret that was created, as it was sent.
        requests: How often each kind of request came: ``GET pods``.
        forbidden: Kinds of objects that nobody may create.
        environment: What a pod's process has beside the pod's own variables.
        delay: How many seconds a pod is made before it runs.
        pods: The pods that are there, by name.
        secrets: The Secrets that are there, by name.
    """

    def __init__(self, environment, delay=0.0):
        self.created = []
        self.deleted = []
        self.made = []
        self.requests = Counter()
        self.forbidden = set()
        self.environment = environment
        self.delay = delay
        self.pods = {}
        self.secrets = {}
        self._all = []
        self._numbers = count()
        self._lock = RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for pod in self._all:
            pod.stop()
            pod.log.close()

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

    def create_pod(self, document):
        with self._lock:
            self.created.append(json.loads(json.dumps(document)))
            pod = FakePod(document, next(self._numbers))
            self._all.append(pod)
            self.pods[pod.name] = pod
            if self.delay:
                Timer(self.delay, self._start_what_can).start()
            self._start_what_can()
            return self.shown(pod)

    def create_secret(self, document):
        with self._lock:
            self.made.append(document)
            self.secrets[document["metadata"]["name"]] = document
            self._start_what_can()
            written = {k: base64.b64encode(v.encode()).decode() for k, v in _texts(document)}
            return {**document, "stringData": None, "data": written}

    def _start_what_can(self):
        with self._lock:
            for pod in self.pods.values():
                found = [self.secrets.get(name) for name in pod.secrets]
                if pod.process is None and None not in found and self._is_made(pod):
                    own = dict(pair for secret in found for pair in _texts(secret))
                    pod.start(self.environment, own)

    def _is_made(self, pod):
        has_image = "missing" not in pod.container["image"]
        return has_image and time.monotonic() >= pod.created + self.delay

    def shown(self, pod):
        missing = [name for name in pod.secrets if name not in self.secrets]
        return pod.shown(*missing[:1])

    def delete(self, name):
        with self._lock:
            self.deleted.append(name)
            pod = self.pods.pop(name)
            pod.stop()
            uid = pod.document["metadata"]["uid"]
            self.secrets = {n: one for n, one in self.secrets.items() if uid not in _owners(one)}
            return self.shown(pod)

    def evict(self, name, message):
        """Let a node run out of something."""
        pod = self.pods[name]
        pod.ended = ("Evicted", message)
        pod.stop()

    def selected(self, selector):
        wanted = [clause for clause in re.split(",", selector) if clause]
        with self._lock:
            pods = list(self.pods.values())
        return [self.shown(p) for p in pods if all(_has(p.document, one) for one in wanted)]


def wait_for(told, seconds=20):
    """Wait until something is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := told()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
    return found


def _now():
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _texts(secret):
    return (secret.get("stringData") or {}).items()


def _owners(document):
    return [owner["uid"] for owner in document["metadata"].get("ownerReferences") or ()]


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
            kind, name, part = self._place("GET")
            if kind == "events":
                self._send({"kind": "EventList", "metadata": {"resourceVersion": "1"}, "items": []})
            elif not name:
                found = cluster.selected(query.get("labelSelector", [""])[0])
                self._send({"kind": "PodList", "metadata": {}, "items": found})
            elif name not in cluster.pods:
                self._refuse(404, "NotFound")
            elif part == "log":
                self._log(cluster.pods[name], query)
            else:
                self._send(cluster.shown(cluster.pods[name]))

        def do_POST(self):
            kind = self._place("POST")[0]
            document = self._body()
            name = document["metadata"]["name"]
            if kind in cluster.forbidden:
                self._refuse(403, "Forbidden")
            elif name in getattr(cluster, kind):
                self._refuse(409, "AlreadyExists")
            else:
                create = cluster.create_pod if kind == "pods" else cluster.create_secret
                self._send(create(document), 201)

        def do_PATCH(self):
            name = self._place("PATCH")[1]
            changes = self._body()["metadata"]["labels"]
            pod = cluster.pods[name]
            pod.document["metadata"].setdefault("labels", {}).update(changes)
            self._send(cluster.shown(pod))

        def do_DELETE(self):
            name = self._place("DELETE")[1]
            if name in cluster.pods:
                self._send(cluster.delete(name))
            else:
                self._refuse(404, "NotFound")

        def _log(self, pod, query):
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            told, over = 0, False
            stamped = query.get("timestamps") == ["True"]
            while not over:
                over = pod.process.poll() is not None or query.get("follow") != ["True"]
                lines = pod.read().splitlines(keepends=True)
                for line in lines[told:]:
                    if line.endswith("\n") or over:
                        self.wfile.write((f"{_now()} {line}" if stamped else line).encode())
                        told += 1
                self.wfile.flush()
                time.sleep(0 if over else 0.02)

        def _place(self, method):
            path = urlsplit(self.path).path
            words = path.removeprefix("/api/v1/namespaces/").split("/")[1:]
            kind, name, part = (*words, "", "")[:3]
            cluster.requests[f"{method} {part or kind}"] += 1
            return kind, name, part

        def _body(self):
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def _refuse(self, code, reason):
            self._send({"kind": "Status", "reason": reason, "code": code}, code)

        def _send(self, document, code=200):
            data = json.dumps({"apiVersion": "v1", **document}).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Say nothing."""

    return Handler
