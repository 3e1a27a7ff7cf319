"""A KFP server on this machine: the part of its API that submitting uses, over real HTTP.

Its answers are the SDK's own models, written by the SDK's own client. It runs what is submitted: as
a program, this file runs one pipeline on KFP's local engine.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kfp_server_api as api
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from dagger_providers.testing.kfp_local import run_spec

PREFIX = "/apis/v2beta1"
ENGINE_TIMEOUT = 240


@dataclass(frozen=True)
class Reply:
    """What a path answers instead of what KFP would."""

    status: int
    body: str
    content_type: str = "application/json"


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class KfpServer:
    """The server's state, and what it was asked.

    Attributes:
        url: Its address.
        multi_user: What it says of itself.
        token: What a request must have; empty when it lets everybody in.
        executes: Whether it runs what is submitted; else a run stays as `state` says.
        state: The state of runs that are not executed.
        replies: Answers by path, instead of its own.
        failing: How many of the next looks at a run fail with status 503.
    """

    url: str = ""
    multi_user: bool = False
    token: str = ""
    executes: bool = True
    state: str = "RUNNING"
    replies: dict[str, Reply] = field(default_factory=dict)
    failing: int = 0
    requests: list[Request] = field(default_factory=list)
    experiments: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, Any] = field(default_factory=dict)
    recurring_runs: dict[str, Any] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def asked(self, method: str, path: str) -> list[Request]:
        return [r for r in self.requests if (r.method, urlsplit(r.path).path) == (method, path)]

    # What KFP does

    def answer(self, request: Request) -> Any:
        parts = urlsplit(request.path)
        if not parts.path.startswith(PREFIX):
            return Reply(404, "<html>404 page not found</html>", "text/html")
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return UNAUTHORIZED
        path = parts.path.removeprefix(PREFIX)
        return self.replies.get(path) or self.known(request, path, parse_qs(parts.query))

    def known(self, request: Request, path: str, query: Mapping[str, list[str]]) -> Any:
        match request.method, path.strip("/").split("/"):
            case "GET", ["healthz"]:
                found = api.V2beta1GetHealthzResponse(multi_user=self.multi_user)
            case "GET", ["experiments"]:
                found = self.list_experiments(query)
            case "POST", ["experiments"]:
                found = self.create_experiment(request.body)
            case "POST", ["runs"]:
                found = self.create_run(request.body)
            case "GET", ["runs", run_id]:
                found = self.get_run(run_id)
            case "POST", ["recurringruns"]:
                found = self.create_recurring_run(request.body)
            case _:
                found = Reply(404, error(5, "Not Found"))
        return found

    def list_experiments(self, query: Mapping[str, list[str]]) -> Any:
        if self.multi_user and "namespace" not in query:
            return NAMESPACE_NEEDED
        (wanted,) = json.loads(query["filter"][0])["predicates"]
        assert (wanted["operation"], wanted["key"]) == (1, "display_name")
        found = [e for e in self.experiments.values() if e.display_name == wanted["stringValue"]]
        return api.V2beta1ListExperimentsResponse(experiments=found or None)

    def create_experiment(self, body: Mapping[str, Any]) -> Any:
        made = api.V2beta1Experiment(experiment_id=str(uuid.uuid4()), **body)
        self.experiments[made.experiment_id] = made
        return made

    def create_run(self, body: Mapping[str, Any]) -> Any:
        refused = self.refusal(body)
        if refused:
            return refused
        run = api.V2beta1Run(
            run_id=str(uuid.uuid4()),
            created_at=datetime.now(UTC),
            state="PENDING" if self.executes else self.state,
            **{**body, "runtime_config": api.V2beta1RuntimeConfig(**body["runtime_config"])},
        )
        self.runs[run.run_id] = run
        if self.executes:
            thread = threading.Thread(target=self.execute, args=[run])
            self.threads.append(thread)
            thread.start()
        return run

    def refusal(self, body: Mapping[str, Any]) -> Reply | None:
        if body["experiment_id"] not in self.experiments:
            return NO_EXPERIMENT
        try:
            spec = pipeline_spec_pb2.PipelineSpec()
            json_format.ParseDict(parts_of(body["pipeline_spec"])[0], spec)
        except json_format.ParseError:
            return BAD_PIPELINE
        declared = spec.root.input_definitions.parameters
        for name in body["runtime_config"].get("parameters", {}):
            if name not in declared:
                return UNKNOWN_PARAMETER
        return None

    def get_run(self, run_id: str) -> Any:
        if self.failing:
            self.failing -= 1
            return Reply(503, "upstream connect error", "text/plain")
        return self.runs.get(run_id) or Reply(404, error(5, f"Run {run_id} not found."))

    def create_recurring_run(self, body: Mapping[str, Any]) -> Any:
        refused = self.refusal(body)
        if refused:
            return refused
        made = api.V2beta1RecurringRun(recurring_run_id=str(uuid.uuid4()), **body)
        self.recurring_runs[made.recurring_run_id] = made
        return made

    def execute(self, run: Any) -> None:
        run.state = "RUNNING"
        text = yaml.safe_dump_all(parts_of(run.pipeline_spec))
        text = text.replace("{{$.pipeline_job_uuid}}", run.run_id)
        ended = subprocess.run(
            [sys.executable, __file__],
            input=json.dumps([text, run.runtime_config.parameters or {}]),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            timeout=ENGINE_TIMEOUT,
            check=True,
        )
        told = json.loads(ended.stdout.splitlines()[-1])
        run.run_details = api.V2beta1RunDetails(
            task_details=[task_detail(name, state) for name, state in told["tasks"]]
        )
        run.finished_at = datetime.now(UTC)
        run.state = "SUCCEEDED" if told["ok"] else "FAILED"


def parts_of(sent: Any) -> list[Any]:
    """Return the documents of a pipeline, of which the second is KFP's platform configuration."""
    return [sent["pipeline_spec"], sent["platform_spec"]] if "platform_spec" in sent else [sent]


def task_detail(name: str, state: str, **more: Any) -> Any:
    now = datetime.now(UTC)
    return api.V2beta1PipelineTaskDetail(
        task_id=str(uuid.uuid4()),
        display_name=name,
        state=state,
        start_time=now,
        end_time=now,
        **more,
    )


# What real servers answered, from reports of users


def error(code: int, message: str, short: str = "") -> str:
    detail = {
        "@type": "type.googleapis.com/api.Error",
        "error_message": short or message,
        "error_details": message,
    }
    return json.dumps({"error": message, "code": code, "message": message, "details": [detail]})


BAD_PIPELINE = Reply(
    400,
    error(
        3,
        "Failed to create a new run.: InvalidInputError: unknown template format: pipeline spec "
        "is invalid",
        "unknown template format",
    ),
)
UNKNOWN_PARAMETER = Reply(
    500,
    error(
        13,
        "Failed to create a new run.: InternalServerError: failed to generate the ExecutionSpec.: "
        "Failed to verify parameters.: Invalid input error: Unrecognized input parameter: "
        "gs_secret",
        "Internal Server Error",
    ),
)
NO_EXPERIMENT = Reply(
    404,
    error(
        5,
        "Failed to create a new run.: Failed to convert run model: Unable to convert resource "
        "references.: Failed to find the referred resource: Referred experiment not found.: "
        "ResourceNotFoundError: Experiment test-invalid-experiment not found.",
        "Experiment test-invalid-experiment not found.",
    ),
)
UNAUTHENTICATED = Reply(
    500,
    error(
        13,
        "Internal error: Unauthenticated: Request header error: there is no user identity header.: "
        "Request header error: there is no user identity header.",
    ),
)
NAMESPACE_NEEDED = Reply(
    400,
    error(
        3,
        "Invalid input error: Invalid resource references for experiment. ListExperiment requires "
        "filtering by namespace.",
    ),
)
UNAUTHORIZED = Reply(401, "Jwt is expired", "text/plain")
FORBIDDEN = Reply(
    403,
    error(
        7,
        "Failed to authorize with API: PermissionDenied: User 'ann@example.com' is not authorized "
        "with reason: (request: &ResourceAttributes{Namespace:team-b,Verb:create,Resource:runs,})",
    ),
)
INTERNAL = Reply(500, error(13, "InternalServerError: Failed to store run: dial tcp: refused"))
LOGIN_PAGE = Reply(200, "<!DOCTYPE html><html><title>Log in to Your Account</title>", "text/html")
BROKEN = Reply(200, '{"run_id": "4c1', "application/json")
EMPTY = Reply(200, "{}", "application/json")


# HTTP


@contextmanager
def serving() -> Iterator[KfpServer]:
    state = KfpServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply("GET")

        def do_POST(self) -> None:
            self.reply("POST")

        def reply(self, method: str) -> None:
            text = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(method, self.path, headers, json.loads(text) if text else None)
            state.requests.append(request)
            found = state.answer(request)
            if not isinstance(found, Reply):
                data = api.ApiClient().sanitize_for_serialization(found)
                found = Reply(200, json.dumps(data))
            self.send_response(found.status)
            self.send_header("content-type", found.content_type)
            self.send_header("content-length", str(len(found.body.encode())))
            self.end_headers()
            self.wfile.write(found.body.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield state
        finally:
            for one in state.threads:
                one.join()
            server.shutdown()
            thread.join()


def main() -> None:
    """Run a pipeline: its text and arguments from the standard input, what ran to the output."""
    text, arguments = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as root:
        ran = run_spec(text, arguments, pipeline_root=Path(root), runner="host")
    key = re.compile("[^a-z0-9]+")
    tasks = [
        (key.sub("-", task.node), "FAILED" if task.problem else "SUCCEEDED") for task in ran.tasks
    ]
    sys.stdout.write(f"\n{json.dumps({'ok': ran.ok, 'reason': ran.reason, 'tasks': tasks})}\n")


if __name__ == "__main__":
    main()
