"""Submitting to a KFP server, over HTTP."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import kfp_server as server
import kfp_server_api as api
import pytest
from kfp_flows import mapped as mapped_here

from dagger_providers import kfp
from dagger_providers.cli import main
from dagger_providers.errors import RunFailed, ServerError, UsageError
from dagger_providers.kfp.client import TokenFile, connect
from dagger_providers.kfp.progress import Progress
from dagger_providers.planning import nested_plan

pytestmark = pytest.mark.kfp

FLOWS = Path(__file__).with_name("kfp_flows.py")


@pytest.fixture(autouse=True)
def _nobody_is_logged_in(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in list(os.environ):
        if name.startswith(("KF_PIPELINES_", "KFP_", "DAGGER_")):
            monkeypatch.delenv(name)


@pytest.fixture
def kfp_server():
    with server.serving() as state:
        yield state


@pytest.fixture
def store(tmp_path):
    return str(tmp_path / "home" / "store")


@pytest.fixture
def still(kfp_server):
    """A server that does not run what it takes."""
    kfp_server.executes = False
    return kfp_server


def command(state, flow, *more, store=None):
    store = store or f"{os.environ['HOME']}/store"
    ref = f"{FLOWS}:{flow}"
    options = ["--to", "kfp", "--host", state.url, "--store", str(store), "--image", "none"]
    return ["submit", ref, *options, *more]


# Starting a run


def test_a_run_is_created_with_the_compiled_pipeline_and_typed_arguments(still, flow, store):
    run = kfp.submit(
        flow("mapped"), {"source": "s", "n": 2}, store=store, host=still.url, image="none"
    )

    (made,) = still.runs.values()
    (asked,) = still.asked("POST", "/apis/v2beta1/runs")
    text = kfp.compile(flow("mapped"), store=store, image="none")
    assert server.yaml.safe_load(text) == asked.body["pipeline_spec"]
    assert asked.body["runtime_config"]["parameters"] == {"source": "s", "n": 2}
    assert asked.body["display_name"].startswith("mapped 2")
    assert run.run_id == made.run_id
    assert run.url == f"{still.url}/#/runs/details/{made.run_id}"
    assert run.record == f"{store}/runs/{made.run_id}/run.json"


def test_the_command_prints_run_page_and_record(still, capsys, store):
    assert main(command(still, "mapped", "-p", "source=s")) == 0

    told = capsys.readouterr()
    (run_id,) = still.runs
    assert told.out.splitlines() == [
        f"run: {run_id}",
        f"page: {still.url}/#/runs/details/{run_id}",
        f"record: {store}/runs/{run_id}/run.json",
    ]
    assert f"--attach {run_id} --store {store} --host {still.url}" in told.err


def test_the_command_prints_one_json_document(still, capsys, store):
    assert main(command(still, "mapped", "-p", "source=s", "--json")) == 0

    (run_id,) = still.runs
    assert json.loads(capsys.readouterr().out) == {
        "run_id": run_id,
        "status": "submitted",
        "url": f"{still.url}/#/runs/details/{run_id}",
        "outputs": {},
        "record": f"{store}/runs/{run_id}/run.json",
    }


def test_an_experiment_is_made_once(still, capsys):
    for name in ("first", "second"):
        options = ["--experiment", "tests", "--run-name", name, "-p", "source=s"]
        assert main(command(still, "mapped", *options)) == 0

    (experiment,) = still.experiments.values()
    assert experiment.display_name == "tests"
    assert {run.experiment_id for run in still.runs.values()} == {experiment.experiment_id}
    assert [run.display_name for run in still.runs.values()] == ["first", "second"]


def test_the_environment_names_server_pages_experiment_and_store(still, capsys, monkeypatch, store):
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", f"{still.url}/")
    monkeypatch.setenv("KF_PIPELINES_UI_ENDPOINT", "https://kfp.example/pipeline")
    monkeypatch.setenv("KF_PIPELINES_DEFAULT_EXPERIMENT_NAME", "usual")
    monkeypatch.setenv("DAGGER_STORE", store)
    ref = f"{FLOWS}:mapped"

    assert main(["submit", ref, "--to", "kfp", "--image", "none", "-p", "source=s"]) == 0

    (run_id,) = still.runs
    page = f"page: https://kfp.example/pipeline/#/runs/details/{run_id}\n"
    assert page in capsys.readouterr().out
    assert [one.display_name for one in still.experiments.values()] == ["usual"]


def test_a_namespace_is_asked_for_where_there_are_several_users(still, capsys):
    still.multi_user = True

    assert main(command(still, "mapped", "-p", "source=s")) == 2
    assert "has several users: name yours by --namespace" in capsys.readouterr().err
    assert main(command(still, "mapped", "-p", "source=s", "-n", "ann")) == 0

    (experiment,) = still.experiments.values()
    assert experiment.namespace == "ann"
    assert "namespace=ann" in still.asked("GET", "/apis/v2beta1/experiments")[0].path


def test_the_namespace_that_the_sdk_was_told_is_used(still, tmp_path):
    still.multi_user = True
    context = tmp_path / "home" / ".config" / "kfp" / "context.json"
    context.parent.mkdir(parents=True)
    context.write_text('{"namespace": "bob"}')

    assert connect(still.url).namespace == "bob"


def test_what_pods_have_is_sent_too(still, flow, store):
    kfp.submit(flow("in_pods"), store=store, host=still.url, image="none")

    (asked,) = still.asked("POST", "/apis/v2beta1/runs")
    text = kfp.compile(flow("in_pods"), store=store, image="none")
    assert server.parts_of(asked.body["pipeline_spec"]) == list(server.yaml.safe_load_all(text))
    assert "platform_spec" in asked.body["pipeline_spec"]


def test_a_run_has_a_record_from_the_start(still, store, capsys):
    run = kfp.submit(mapped_here, {"source": "s"}, store=store, host=still.url, image="none")

    assert main(["runs", "show", run.run_id, "--store", store]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["status"] == "running"
    assert shown["engine"] == {"name": "kfp", "run_id": run.run_id, "url": run.url}
    assert shown["nodes"]["names"]["status"] == "unfinished"
    assert shown["parameters"] == {"source": "s", "n": 3}


# Logging in


def test_a_token_comes_from_a_file_that_is_read_each_time(still, tmp_path):
    file = tmp_path / "token"
    file.write_text("first\n")
    still.token = "first"
    client = connect(still.url, credentials=TokenFile(str(file)))
    file.write_text("second")
    still.token = "second"

    assert client.experiment("tests") in still.experiments


def test_a_token_comes_from_the_environment(still, monkeypatch):
    still.token = "secret"
    monkeypatch.setenv("KFP_EXISTING_TOKEN", "secret")

    assert connect(still.url).namespace == ""


def test_the_token_that_kubernetes_mounts_is_used(still, tmp_path, monkeypatch):
    (tmp_path / "mounted").write_text("mounted")
    monkeypatch.setenv("KF_PIPELINES_SA_TOKEN_PATH", str(tmp_path / "mounted"))
    still.token = "mounted"

    assert connect(still.url).namespace == ""


def test_cookies_come_from_the_environment(still, monkeypatch):
    monkeypatch.setenv("KFP_COOKIES", "authservice_session=abc")
    connect(still.url)

    assert still.requests[-1].headers["cookie"] == "authservice_session=abc"


def test_a_token_is_never_printed(still, capsys, tmp_path):
    (tmp_path / "token").write_text("hunter2")
    still.token = "other"

    given = ["--token-file", str(tmp_path / "token"), "-p", "source=s"]
    assert main(command(still, "mapped", *given)) == 2

    told = capsys.readouterr()
    assert still.requests[-1].headers["authorization"] == "Bearer hunter2"
    assert "hunter2" not in told.out + told.err


def test_a_token_file_that_is_missing_is_named(still, capsys):
    assert main(command(still, "mapped", "--token-file", "/no/token", "-p", "source=s")) == 2
    assert "the token file /no/token cannot be read" in capsys.readouterr().err


# Schedules


def test_a_schedule_is_created(still, capsys, store):
    options = ["--recurring", "0 30 6 * * MON-FRI", "-p", "source=s", "--run-name", "daily"]
    assert main(command(still, "mapped", *options)) == 0

    ((found, made),) = still.recurring_runs.items()
    assert made.trigger["cron_schedule"]["cron"] == "0 30 6 * * MON-FRI"
    assert (made.display_name, made.mode) == ("daily", "ENABLE")
    assert made.runtime_config["parameters"] == {"source": "s"}
    assert capsys.readouterr().out.splitlines() == [
        f"recurring run: {found}",
        f"page: {still.url}/#/recurringrun/details/{found}",
        f"records: {store}/runs/<id of each run>/run.json",
    ]


def test_a_schedule_is_printed_as_json(still, capsys, store):
    assert main(command(still, "mapped", "--recurring", "@daily", "-p", "source=s", "--json")) == 0

    (found,) = still.recurring_runs
    document = json.loads(capsys.readouterr().out)
    assert (document["recurring_run_id"], document["status"]) == (found, "scheduled")
    assert document["runs"] == f"{store}/runs"


@pytest.mark.parametrize("cron", ["0 0 9 ? * 2-6", "*/5 0-30/10 1,2 1 JAN-mar SUN", "@every 1h30m"])
def test_schedules_of_kfp_are_taken(cron, still, store):
    made = kfp.schedule(
        mapped_here, cron, {"source": "s"}, store=store, host=still.url, image="none"
    )

    assert still.recurring_runs[made.recurring_run_id].trigger["cron_schedule"]["cron"] == cron


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 9 * * 1", "six fields, the seconds first: write '0 0 9 * * 1' for '0 9 * * 1'"),
        ("* *", "has 2 fields, and KFP's have six"),
        ("", "has 0 fields"),
        ("0 0 24 * * *", "has '24' for the hours: it takes 0-23"),
        ("0 0 9 * * 7", "has '7' for the day of the week: it takes 0-6 or SUN-SAT"),
        ("0 5-1 * * * *", "has '5-1' for the minutes"),
        ("0 */0 * * * *", "has '*/0' for the minutes"),
        ("0 ٣ * * * *", "for the minutes"),
        ("@sometimes", "no schedule is called '@sometimes'; there are: @yearly"),
        ("@every day", "no schedule is called '@every day'"),
    ],
)
def test_a_wrong_schedule_is_refused_before_anybody_is_asked(cron, told, still, capsys):
    assert main(command(still, "mapped", "--recurring", cron, "-p", "source=s")) == 2

    assert told in capsys.readouterr().err
    assert not still.requests


# Misuse, which is told before anybody is asked


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "kfp.example"], "no address of a KFP server: write it like https://kfp.examp"),
        (["--host", "http://ann:pw@kfp.example"], "holds no user and password"),
        (["--host", "http://[::1"], "is no address"),
        (["--to", "argo"], "--to takes kfp; got 'argo'"),
        (["--recurring", "@daily", "--wait"], "--recurring starts no run to wait for"),
        (["--timeout", "5m"], "--timeout is how long to wait: give --wait too"),
        (["--wait", "--timeout", "soon"], "'soon' is no duration"),
        (["-p", "n=x"], "parameter 'n'"),
        (["-p", "m=1"], "has no parameter m; its parameters: source, n"),
    ],
)
def test_misuse_is_told_in_one_line(options, told, still, capsys):
    assert main(command(still, "mapped", "-p", "source=s", *options)) == 2

    found = capsys.readouterr().err
    assert told in found
    assert len(found.splitlines()) == 1
    assert "ann:pw" not in found
    assert not still.requests


def test_a_server_and_a_store_must_be_named(capsys, store):
    ref = f"{FLOWS}:linear"

    assert main(["submit", ref, "--to", "kfp", "--store", store, "--image", "i"]) == 2
    assert "give --host, or set KF_PIPELINES_ENDPOINT" in capsys.readouterr().err
    assert main(["submit", ref, "--to", "kfp", "--host", "http://h", "--image", "i"]) == 2
    assert "kfp needs --store" in capsys.readouterr().err


def test_what_kfp_cannot_run_is_refused_before_anybody_is_asked(still, capsys, store):
    ref = f"{FLOWS}:linear"

    assert main(["submit", ref, "--to", "kfp", "--host", still.url, "--store", store]) == 2
    assert "give --image" in capsys.readouterr().err
    assert not still.requests


def test_the_sdk_is_asked_for_by_its_extra(still, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "kfp", None)

    assert main(command(still, "mapped", "-p", "source=s")) == 2
    told = capsys.readouterr().err
    assert "asking a KFP server needs the extra 'kfp-sdk': pip install" in told
    assert len(told.splitlines()) == 1


# What servers answer instead

RUNS, HEALTH = "/runs", "/healthz"
REFUSALS = [
    pytest.param(RUNS, server.BAD_PIPELINE, 2, "pipeline spec is invalid", id="bad pipeline"),
    pytest.param(RUNS, server.UNKNOWN_PARAMETER, 2, "parameter: gs_secret", id="a 500 that is 400"),
    pytest.param(RUNS, server.NO_EXPERIMENT, 2, "Experiment test-inv", id="no experiment"),
    pytest.param(RUNS, server.FORBIDDEN, 2, "does not allow it (HTTP 403", id="forbidden"),
    pytest.param(HEALTH, server.UNAUTHORIZED, 2, "does not know who asks (HTTP 401)", id="401"),
    pytest.param(HEALTH, server.UNAUTHENTICATED, 2, "who asks (HTTP 500", id="500 that is 401"),
    pytest.param(HEALTH, server.LOGIN_PAGE, 2, "if the page asks to log in", id="a login page"),
    pytest.param(
        HEALTH, server.Reply(404, "404 page not found", "text/plain"), 2, "has no API of KFP v2",
        id="no KFP",
    ),
    pytest.param(RUNS, server.INTERNAL, 3, "failed, HTTP 500: InternalServerError", id="500"),
    pytest.param(RUNS, server.Reply(502, "Bad Gateway", "text/html"), 3, "HTTP 502", id="502"),
    pytest.param(RUNS, server.Reply(429, "slow down"), 3, "HTTP 429", id="429"),
    pytest.param(RUNS, server.BROKEN, 3, "gives a broken answer", id="broken JSON"),
    pytest.param(RUNS, server.EMPTY, 3, "gives a broken answer", id="an empty answer"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "reply", "status", "told"), REFUSALS)
def test_what_a_server_refuses_is_told_in_one_line(path, reply, status, told, still, capsys):
    still.replies[path] = reply

    assert main(command(still, "mapped", "-p", "source=s", "--json")) == status

    found = capsys.readouterr()
    assert told in found.err
    assert len(found.err.splitlines()) == 1
    document = json.loads(found.out)
    assert (document["status"], document["run_id"]) == ("refused", None)
    assert told in document["failure"]["message"]


def test_a_server_that_is_not_there_is_infrastructure(capsys):
    with socket.create_server(("127.0.0.1", 0)) as free:
        state = server.KfpServer(f"http://127.0.0.1:{free.getsockname()[1]}")

    assert main(command(state, "mapped", "-p", "source=s")) == 3

    told = capsys.readouterr().err
    assert f"nothing answers at {state.url}" in told
    assert "refused" in told
    assert len(told.splitlines()) == 1


def test_a_name_that_does_not_exist_is_infrastructure(capsys):
    state = server.KfpServer("http://kfp.invalid")

    assert main(command(state, "mapped", "-p", "source=s")) == 3
    assert "no machine is called so: http://kfp.invalid" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        host = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(ServerError, match="does not answer in time"):
            connect(host, answer_within=(0.2, 0.2))


def test_a_server_that_hangs_up_is_infrastructure():
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            for _ in range(4):  # as often as the SDK's client tries
                connection, _ = rude.accept()
                with connection:
                    connection.recv(1)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ServerError, match="broke off the connection"):
            connect(f"http://127.0.0.1:{rude.getsockname()[1]}", answer_within=(5, 5))
        thread.join()


def test_a_certificate_of_an_unknown_authority_is_told(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _certify(context, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def greet() -> None:
            for _ in range(4):
                connection, _ = plain.accept()
                with connection:
                    try:
                        context.wrap_socket(connection, server_side=True).close()
                    except OSError:
                        continue

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ServerError, match=r"CERTIFICATE_VERIFY_FAILED.*SSL_CERT_FILE"):
            connect(f"https://127.0.0.1:{plain.getsockname()[1]}", answer_within=(5, 5))
        thread.join()


def _certify(context: ssl.SSLContext, folder: Path) -> None:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context.load_cert_chain(certificate, key)


# Waiting


@pytest.mark.slow
def test_waiting_gives_back_what_the_pipeline_gave(kfp_server, flow, tmp_path, capsys):
    store = tmp_path / "store"
    assert main(command(kfp_server, "mapped", "-p", "source=s", "--wait", store=store)) == 0

    told = capsys.readouterr()
    (run_id,) = kfp_server.runs
    assert told.out == f"return_value = {flow('mapped')('s')!r}\n"
    assert f"page: {kfp_server.url}/#/runs/details/{run_id}" in told.err
    assert "] fit: done in" in told.err
    assert told.err.splitlines()[-1] == f"record: {store}/runs/{run_id}/run.json"

    assert main(["runs", "show", run_id, "--store", str(store)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["runtime"], shown["status"]) == ("kfp", "succeeded")
    assert shown["nodes"]["fit"] == {**shown["nodes"]["fit"], "items": 3, "done": 3}
    assert shown["parameters"] == {"source": "s", "n": 3}
    assert shown["engine"]["url"] == f"{kfp_server.url}/#/runs/details/{run_id}"

    # Once more, of the run that is over.
    assert main(command(kfp_server, "mapped", "--attach", run_id, "--json", store=store)) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["outputs"]["return_value"]["value"] == flow("mapped")("s")
    assert (document["run_id"], document["status"]) == (run_id, "succeeded")
    assert document["record"] == f"{store}/runs/{run_id}/run.json"
    assert document["url"].endswith(run_id)


@pytest.mark.slow
def test_waiting_for_a_run_that_fails_tells_the_exception(kfp_server, flow, tmp_path):
    store = str(tmp_path / "store")
    run = kfp.submit(
        flow("failing"), {"words": ["a", "b"], "bad": "b"},
        store=store, host=kfp_server.url, image="none",
    )  # fmt: skip

    with pytest.raises(RunFailed, match=r"fail-at\[1\] failed: ValueError: no b today") as caught:
        run.wait()

    assert (caught.value.node, caught.value.index) == ("fail-at", (1,))
    assert caught.value.run.nodes["fail-at"].status == "failed"
    assert "in fail_at" in caught.value.run.failure["traceback"]
    assert caught.value.run.status == "failed"


def test_a_run_that_failed_without_a_word_is_told_by_kfps(still, tmp_path, capsys):
    still.state = "FAILED"
    options = ["-p", "source=s", "--wait", "--json"]

    assert main(command(still, "mapped", *options, store=tmp_path)) == 1

    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "failed"
    assert document["failure"]["node"] == "pipeline mapped"
    assert document["failure"]["message"] == "the run is FAILED"


def test_the_time_to_wait_may_end(still, capsys):
    options = ["-p", "source=s", "--wait", "--timeout", "0.5s", "--json"]

    assert main(command(still, "mapped", *options)) == 3

    (run_id,) = still.runs
    told = capsys.readouterr()
    assert "not over after 0.5 s" in told.err
    assert f"wait for it again: dagger-providers submit {FLOWS}:mapped" in told.err
    assert f"--attach {run_id}" in told.err
    document = json.loads(told.out)
    assert (document["run_id"], document["status"]) == (run_id, "unknown")


def test_a_server_that_comes_back_is_waited_for(still, tmp_path):
    still.state = "FAILED"
    run = kfp.submit(mapped_here, {"source": "s"}, store=str(tmp_path), host=still.url, image="i")
    still.failing = 2

    assert run.wait(check=False).status == "failed"
    assert still.failing == 0


def test_a_store_that_cannot_be_read_here_is_told_with_what_became_of_the_run(still, capsys):
    still.state = "SUCCEEDED"
    options = ["-p", "source=s", "--wait"]
    store = "unknown://bucket"

    assert main(command(still, "mapped", *options, store=store)) in {2, 3}
    told = capsys.readouterr().err.splitlines()[-1]
    assert "the run is over, SUCCEEDED" in told


def test_a_run_that_is_not_known_cannot_be_waited_for(still, capsys):
    assert main(command(still, "mapped", "--attach", "4c1", "--host", still.url)) == 2
    assert "Run 4c1 not found" in capsys.readouterr().err


def test_ctrl_c_ends_the_waiting_only(still):
    words = command(still, "mapped", "-p", "source=s", "--wait")
    process = subprocess.Popen(
        [sys.executable, "-m", "dagger_providers", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    looked = "/apis/v2beta1/runs/"
    while not any(r.path.startswith(looked) for r in list(still.requests)):
        assert time.monotonic() < deadline, process.poll()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    (run_id,) = still.runs
    assert (process.returncode, out) == (130, "")
    assert f"the run goes on: {still.url}/#/runs/details/{run_id}\n" in err
    assert f"--attach {run_id}" in err
    assert err.splitlines()[-1] == "dagger-providers: interrupted"
    assert "Traceback" not in err


# What is told while it runs


def told_of(*looks):
    """What is told of a run of `mapped`, when KFP has these tasks each time it is asked."""
    heard = []
    progress = Progress(nested_plan(mapped_here.build()), heard.append)
    for state, tasks in looks:
        progress(api.V2beta1Run(state=state, run_details=api.V2beta1RunDetails(task_details=tasks)))
    return [(event.kind, event.address, event.how or event.message) for event in heard]


def detail(name, state, seconds=1):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(seconds=seconds)
    return api.V2beta1PipelineTaskDetail(
        display_name=name, state=state, start_time=start, end_time=end
    )


def test_steps_are_told_as_they_start_and_end():
    first = [detail("names-driver", "SUCCEEDED"), detail("names", "RUNNING")]
    second = [detail("names-driver", "SUCCEEDED"), detail("names", "SUCCEEDED")]

    assert told_of(("RUNNING", first), ("RUNNING", first), ("RUNNING", second)) == [
        ("started", "names", ""),
        ("done", "names", ""),
    ]


def test_a_loop_is_told_by_its_items_and_done_when_the_loop_is():
    loop = "for-each-names"
    some = [detail(loop, "RUNNING"), detail("clean", "SUCCEEDED"), detail("clean", "RUNNING")]
    more = [detail(loop, "RUNNING"), detail("clean", "SUCCEEDED"), detail("clean", "SUCCEEDED")]
    all_ = [detail(loop, "SUCCEEDED"), *more[1:]]

    told = told_of(("RUNNING", some), ("RUNNING", more), ("RUNNING", all_))

    assert [one for one in told if one[1] == "clean"] == [
        ("started", "clean", ""),
        ("inner", "clean", "1 done, 1 running"),
        ("inner", "clean", "2 done, 0 running"),
        ("done", "clean", ""),
    ]


def test_a_task_that_fails_or_cannot_be_prepared_is_told():
    failed = detail("names-driver", "FAILED")
    failed.error = api.GoogleRpcStatus(message="no such image\nat all")

    assert told_of(("RUNNING", [failed]))[0] == ("failed", "names", "no such image at all")


def test_what_did_not_run_is_told_when_all_is_over():
    told = told_of(("SUCCEEDED", [detail("names", "SUCCEEDED", 2)]))

    assert ("done", "names", "") in told
    assert ("group", "best", "not run") in told


def test_a_server_that_tells_of_no_tasks_is_enough():
    assert told_of(("RUNNING", None)) == []


# From Python


def test_a_broken_address_is_a_usage_error_from_python_too(store):
    with pytest.raises(UsageError, match="no address of a KFP server"):
        kfp.submit(mapped_here, {"source": "s"}, store=store, host="ftp://x", image="i")
