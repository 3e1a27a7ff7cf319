"""The stand-in for a Docker client, and how a real engine is told from it."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from dagger_providers.errors import UsageError
from dagger_providers.testing.host_docker import HostClient, docker_client, docker_engine
from dagger_providers.testing.kfp_local import run_spec
from dagger_providers.testing.launches import Launch, Recorder

SCRIPT = "import os, sys; print(os.environ['A'], os.environ['PYTHONHASHSEED']); sys.exit(3)"


def test_a_command_runs_as_a_process_and_its_status_is_told():
    client = HostClient({"A": "outer"})

    container = client.containers.run(
        "any:1", ["python", "-c", SCRIPT], environment={"A": "inner"}, detach=True, volumes={}
    )

    assert b"".join(container.logs(stream=True)) == b"inner 0\n"
    assert container.wait() == {"StatusCode": 3}
    assert client.images.list() == []
    assert client.info() == {}
    client.close()


def test_waiting_does_not_need_the_logs_to_be_read():
    container = HostClient().containers.run("any", ["python3", "-c", "print('x' * 1_000_000)"])

    assert container.wait() == {"StatusCode": 0}


def test_docker_is_replaced_only_for_a_while():
    docker = pytest.importorskip("docker")
    before = docker.from_env

    with docker_client(HostClient):
        assert isinstance(docker.from_env(), HostClient)

    assert docker.from_env is before


def test_a_recorder_notes_what_was_run_and_what_could_not_be():
    recorder = Recorder()
    client = recorder.client(HostClient())

    assert client.containers.run("any", ["python", "-c", "exit(4)"]).wait() == {"StatusCode": 4}
    with pytest.raises(FileNotFoundError):
        client.containers.run("any", ["no-such-program"])

    ended, lost = recorder.launches
    assert (ended.status, ended.problem()) == (4, "exit status 4")
    assert lost.problem().startswith("it could not be started: FileNotFoundError")


def test_a_container_is_there_until_its_status_is_known():
    """An engine that removes it by itself may have done so before anybody waits."""
    done = []

    def start(image, command, *, auto_remove, **options):
        def wait():
            if auto_remove:
                raise LookupError("no such container")
            return {"StatusCode": 4}

        return SimpleNamespace(wait=wait, remove=lambda **given: done.append(given))

    engine = SimpleNamespace(
        containers=SimpleNamespace(run=start), images=None, info=dict, close=lambda: None
    )
    recorder = Recorder()

    container = recorder.client(engine).containers.run("any:1", ["true"], auto_remove=True)

    assert container.wait() == {"StatusCode": 4}
    assert recorder.launches[0].status == 4
    assert len(done) == 1


@pytest.mark.parametrize("status", [0, None])
def test_a_container_that_vanished_left_no_result(status, tmp_path):
    """`kfp.local` takes it for a success; what counts is the commit record."""
    card = '{"format":"dagger-providers.card/1","address":"fit","function":"m:fit"}'
    command = ["run-node", "--card", card, "--store", str(tmp_path), "--run-id", "1"]

    problem = Launch(command, status).problem()

    assert problem.startswith("it left no result: nothing is committed at ")


def test_a_failure_that_left_no_record_is_told_by_its_last_line():
    recorder = Recorder()
    code = "print('no module named flows\\n'); exit(2)"
    container = recorder.client(HostClient()).containers.run("any", ["python", "-c", code])

    assert b"".join(container.logs(stream=True)) == b"no module named flows\n\n"
    container.wait()

    assert recorder.launches[0].problem() == "exit status 2: no module named flows"


# Real engines


def engine(*, name="Engine", images=("flows:1",)):
    return SimpleNamespace(
        version=lambda: {"Version": "28.1", "Components": [{"Name": name}]},
        images=SimpleNamespace(list=lambda: [SimpleNamespace(tags=list(images))]),
        close=lambda: None,
    )


def no_engine():
    raise OSError("connection refused")


def no_package():
    raise AttributeError("from_env")


@pytest.mark.parametrize(
    ("connect", "expected"),
    [
        (engine, ("Docker engine 28.1", "")),
        (lambda: engine(images=["other:1"]), ("", "it has no image 'flows:1'")),
        (
            lambda: engine(name="Podman Engine"),
            ("", "Podman answers, and by its API failed containers succeed"),
        ),
        (no_engine, ("", "connection refused")),
        (no_package, ("", "the Python package 'docker' is not installed")),
    ],
)
def test_which_engine_answers(connect, expected):
    assert docker_engine(["flows:1"], connect) == expected


@pytest.mark.kfp
def test_asking_for_docker_where_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")

    with pytest.raises(UsageError, match="no Docker engine: "):
        run_spec("a:\n  b", {}, pipeline_root=tmp_path, runner="docker")


@pytest.mark.kfp
def test_it_runs_without_the_docker_package(tmp_path):
    code = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "docker":
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
from dagger_providers import kfp
from dagger_providers.dsl.find import find_pipeline
from dagger_providers.testing.kfp_local import run_spec
text = kfp.compile(find_pipeline("kfp_flows.py:linear"), image="i", store=sys.argv[1])
run = run_spec(text, {"text": "x"}, pipeline_root=sys.argv[1])
assert run.ok, run.reason + run.log
assert "docker" not in sys.modules
print(*(task.name for task in run.tasks))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=__file__.rpartition("/")[0],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout == "upper-1 upper-2\n", ended.stderr
