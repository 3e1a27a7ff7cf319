"""A failure arrives as it was raised, with where it happened, however the node was run."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from dagger_providers.cli import main
from dagger_providers.dsl import DagFunction
from dagger_providers.errors import CapabilityError, RunFailed, TaskFailed
from dagger_providers.runtimes.local import run_dag
from dagger_providers.tracking import Run
from faults import flows
from faults.conftest import Command

INLINE: dict[str, Any] = {}
PROCESSES: dict[str, Any] = {"jobs": 2}
COMMAND: dict[str, Any] = {"workers": "command"}
THREADS: dict[str, Any] = {"jobs": 2, "workers": "threads"}
EVERYWHERE = [
    pytest.param(INLINE, id="inline"),
    pytest.param(PROCESSES, id="processes"),
    pytest.param(COMMAND, id="command"),
    pytest.param(THREADS, id="threads"),
]

FLOWS = str(Path(flows.__file__))


def failed(
    pipeline: DagFunction[..., Any], store: Path, options: dict[str, Any], /, **parameters: Any
) -> RunFailed:
    """Run a pipeline that must fail, and return the failure."""
    with pytest.raises(RunFailed) as caught:
        run_dag(pipeline.build(), parameters, store=store, **options)
    return caught.value


def record_of(run: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(run.record).read_text())
    return document


@pytest.mark.parametrize("how", EVERYWHERE)
def test_who_failed_is_told(how: dict[str, Any], tmp_path: Path) -> None:
    error = failed(flows.failing_item, tmp_path, how, items=[5, 6, 7], at=6)
    assert (error.node, error.index) == ("fail-at", (1,))
    assert str(error) == "fail-at[1] failed: ValueError: item 6"
    assert error.run.status == "failed"
    assert error.run.nodes["fail-at"].status == "failed"
    assert error.run.nodes["total"].status == "unfinished"
    assert not (Path(error.run.folder) / "nodes" / "total").exists()
    failure = record_of(error.run)["failure"]
    assert failure["node"] == "fail-at[1]"
    assert failure["index"] == "1"
    assert (failure["type"], failure["message"]) == ("ValueError", "item 6")
    assert failure["traceback"].startswith("Traceback (most recent call last):\n")
    assert 'flows.py", line' in failure["traceback"].splitlines()[1]
    assert "in fail_at" in failure["traceback"].splitlines()[1]
    assert failure["traceback"].endswith("ValueError: item 6\nin node fail-at[1]\n")
    assert record_of(error.run)["nodes"]["total"] == {
        "status": "unfinished", "items": None, "done": 0, "seconds": 0,
    }  # fmt: skip


@pytest.mark.parametrize("how", sorted(flows.RAISED))
def test_the_users_object_arrives_in_process(how: str, tmp_path: Path) -> None:
    error = failed(flows.failing, tmp_path, INLINE, how=how)
    cause = error.__cause__
    assert type(cause) is type(flows.RAISED[how]())
    assert cause is not None
    assert cause.args == flows.RAISED[how]().args
    assert cause.__notes__ == ["in node fail"]
    traceback, names = cause.__traceback__, []
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert names[-2:] == ["fail", "<lambda>"] or names[-1] == "fail"


@pytest.mark.parametrize("how", ["plain", "five", "key", "decode", "lines", "exit"])
def test_the_users_object_is_made_again_from_another_process(how: str, tmp_path: Path) -> None:
    original = flows.RAISED[how]()
    error = failed(flows.failing, tmp_path, PROCESSES, how=how)
    cause = error.__cause__
    assert cause is not None
    assert type(cause) is type(original)
    assert cause.args == original.args
    assert vars(cause).items() >= vars(original).items()
    told = cause.__cause__
    assert isinstance(told, TaskFailed)
    assert told.message == str(original)
    assert told.traceback_text == error.run.failure["traceback"]


@pytest.mark.parametrize(
    ("how", "name", "message"),
    [
        ("own", "faults.flows.OwnMessageError", "code 7"),
        ("unpicklable", "faults.flows.UnpicklableError", "held"),
    ],
)
def test_one_that_cannot_be_made_again_is_told_exactly(
    how: str, name: str, message: str, tmp_path: Path
) -> None:
    error = failed(flows.failing, tmp_path, PROCESSES, how=how)
    cause = error.__cause__
    assert isinstance(cause, TaskFailed)
    assert cause.type_name == name
    assert cause.message == message
    assert "in fail" in cause.traceback_text
    assert error.run.failure["type"] == name
    assert error.run.failure["message"] == message
    assert error.run.reason == f"{name}: {message}"


@pytest.mark.parametrize("how", ["five", "own", "lines"])
def test_the_node_command_tells_exactly(how: str, tmp_path: Path) -> None:
    error = failed(flows.failing, tmp_path, COMMAND, how=how)
    cause = error.__cause__
    assert isinstance(cause, TaskFailed)
    original = flows.RAISED[how]()
    assert cause.type_name.rpartition(".")[2] == type(original).__name__
    assert cause.message == str(original)


def test_python_shows_the_traceback_of_the_other_process(tmp_path: Path) -> None:
    from traceback import format_exception

    shown = "".join(format_exception(failed(flows.failing, tmp_path, PROCESSES, how="own")))
    assert 'flows.py", line' in shown
    assert "in fail\n" in shown


def test_an_exception_that_cannot_be_shown(tmp_path: Path) -> None:
    error = failed(flows.failing, tmp_path, PROCESSES, how="broken")
    assert isinstance(error.__cause__, flows.BrokenTextError)
    assert error.run.failure["message"] == "<its __str__ raises RuntimeError>"


def test_unchecked_runs_are_returned(tmp_path: Path) -> None:
    run = flows.failing.run(store=tmp_path, check=False)
    assert run.status == "failed"
    assert dict(run.outputs) == {}
    assert run.failure["node"] == "fail"


@pytest.mark.parametrize("how", [PROCESSES, COMMAND], ids=["processes", "command"])
@pytest.mark.parametrize(
    ("end", "words"),
    [("exit", "exit status 3"), ("SIGKILL", "SIGKILL"), ("SIGSEGV", "SIGSEGV")],
)
def test_a_process_that_dies_is_told(
    end: str, words: str, how: dict[str, Any], tmp_path: Path
) -> None:
    error = failed(flows.dying, tmp_path, how, how=end)
    assert error.node == "end-process"
    assert words in str(error)
    assert record_of(error.run)["status"] == "failed"


def test_a_worker_that_died_is_replaced(tmp_path: Path) -> None:
    for _ in range(2):
        failed(flows.dying, tmp_path, PROCESSES)


@pytest.mark.parametrize(
    "how", [INLINE, PROCESSES, COMMAND], ids=["inline", "processes", "command"]
)
def test_a_timeout_interrupts_python(how: dict[str, Any], tmp_path: Path) -> None:
    started = time.monotonic()
    error = failed(flows.slow, tmp_path, how)
    assert time.monotonic() - started < 20
    assert "TimeoutError: too-long took longer than its timeout of 0.3 s" in str(error)


@pytest.mark.parametrize(("pipeline", "option"), [("slow", "timeout"), ("environment", "env")])
def test_threads_refuse_what_they_cannot_keep(pipeline: str, option: str, tmp_path: Path) -> None:
    with pytest.raises(CapabilityError, match=f"has the option {option}, which threads"):
        run_dag(getattr(flows, pipeline).build(), {}, store=tmp_path, **THREADS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "how", [INLINE, PROCESSES, COMMAND], ids=["inline", "processes", "command"]
)
def test_env_is_the_tasks_own(
    how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WHO", raising=False)
    run = run_dag(flows.environment.build(), {}, store=tmp_path, **how)
    assert run.outputs["return_value"] == "env option"
    assert "WHO" not in os.environ


@pytest.mark.parametrize("how", [PROCESSES, THREADS], ids=["processes", "threads"])
def test_other_branches_end_cleanly(how: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "marks"
    folder.mkdir()
    error = failed(flows.two_branches, tmp_path, how, folder=str(folder))
    assert error.node == "fail"
    assert [path.name for path in folder.iterdir()] == ["good"]
    assert error.run.nodes["mark"].status == "succeeded"


@pytest.mark.parametrize("how", EVERYWHERE)
def test_what_a_task_prints_disturbs_nothing(
    how: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with Path(os.devnull).open() as empty:
        monkeypatch.setattr(sys, "stdin", empty)
        run = run_dag(flows.talking.build(), {}, store=tmp_path, **how)
    assert run.outputs["return_value"] == 200
    told = capfd.readouterr()
    assert (told.out + told.err).count("y" * 1000) == 200
    assert (told.out + told.err).count("x" * 1000) == 200


@pytest.mark.parametrize("how", EVERYWHERE)
@pytest.mark.parametrize(
    ("pipeline", "says"),
    [
        ("missing_key", "has no 'gone'; it has keys 'there'"),
        ("loop_over_a_number", "expected a list"),
        ("unequal", "zip needs lists of equal length"),
    ],
)
def test_results_of_the_wrong_shape(
    pipeline: str, says: str, how: dict[str, Any], tmp_path: Path
) -> None:
    error = failed(getattr(flows, pipeline), tmp_path, how)
    assert says in str(error)
    assert record_of(error.run)["status"] == "failed"


def test_a_live_function_cannot_go_to_a_process(tmp_path: Path) -> None:
    from dagger_providers import dag, task

    @task
    def here(x: int) -> int:
        return x + 1

    @dag
    def live(x: int = 1):
        return here(x)

    with pytest.raises(CapabilityError, match="a function that only this process has"):
        live.run(store=tmp_path, jobs=2)
    assert live.run(store=tmp_path).outputs["return_value"] == 2
    assert live.run(store=tmp_path, jobs=2, workers="threads").outputs["return_value"] == 2


@pytest.mark.parametrize("how", [[], ["--jobs", "2"], ["--workers", "command", "--jobs", "2"]])
def test_ctrl_c_ends_all_at_once(how: list[str], tmp_path: Path) -> None:
    marks = [str(tmp_path / "a"), str(tmp_path / "b")]
    command = [sys.executable, "-m", "dagger_providers", "run", f"{FLOWS}:napping", *how]
    command += ["-p", f"marks={json.dumps(marks)}", "--store", str(tmp_path), "--run-id", "r"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _wait_for(Path(marks[0]))
    children = _descendants(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-3:] == [
        f"record: {tmp_path}/runs/r/run.json",
        f"see it: dagger-providers runs show r --store {tmp_path}",
        "dagger-providers: interrupted",
    ]
    assert "Traceback" not in err
    assert len(children) == (0 if not how else 2)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    record = json.loads((tmp_path / "runs/r/run.json").read_text())
    assert record["status"] == "failed"
    assert record["failure"]["type"] == "KeyboardInterrupt"
    assert {node["status"] for node in record["nodes"].values()} <= {"succeeded", "unfinished"}


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.3)


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for thread in Path(f"/proc/{pid}/task").iterdir():
        children += (thread / "children").read_text().split()
    return sorted({int(child) for child in children})


def test_a_failed_run_exits_with_one(command: Command) -> None:
    ended = command("run", f"{FLOWS}:failing", "--quiet")
    assert ended.returncode == 1
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "flows.py" in lines[1]
    last = "dagger-providers: fail failed: ValueError: no such flight; record: "
    assert lines[-1].startswith(last)


def test_json_of_a_failed_run(command: Command) -> None:
    ended = command("run", f"{FLOWS}:failing", "--json")
    assert ended.returncode == 1
    document = json.loads(ended.stdout)
    assert document["status"] == "failed"
    assert document["outputs"] == {}
    assert document["failure"] == {
        "node": "fail", "type": "ValueError", "message": "no such flight",
    }  # fmt: skip
    assert Path(document["record"]).exists()


@pytest.mark.parametrize("how", [[], ["--jobs", "2"], ["--workers", "command"]])
def test_json_is_alone_on_stdout(how: list[str], command: Command) -> None:
    ended = command("run", f"{FLOWS}:talking", "--json", *how)
    document = json.loads(ended.stdout)
    assert document["outputs"]["return_value"]["value"] == 200


def test_debug_shows_where_a_module_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.py").write_text("import dagger_providers\n\n1 / 0\n")
    assert main(["run-node", str(tmp_path / "broken.py"), "--debug"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert any('broken.py", line 3' in line for line in lines)
    assert lines[-1].endswith(": ZeroDivisionError: division by zero (broken.py, line 3)")


class FullDisk(MemoryFileSystem):
    """A disk that is full when some files are to be written."""

    protocol = "full"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    refuses: ClassVar[Callable[[str], bool]]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        found: str = super()._strip_protocol(path.replace("full://", "memory://"))
        return found

    def pipe_file(self, path: str, value: bytes, **kwargs: Any) -> None:
        if type(self).refuses(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().pipe_file(path, value, **kwargs)


@pytest.fixture
def full_disk() -> Iterator[type[FullDisk]]:
    fsspec.register_implementation("full", FullDisk, clobber=True)
    FullDisk.store.clear()
    yield FullDisk
    FullDisk.clear_instance_cache()


def test_a_disk_that_is_full_when_a_node_is_done(
    full_disk: type[FullDisk], capsys: pytest.CaptureFixture[str]
) -> None:
    full_disk.refuses = lambda path: path.endswith("/commit.json")
    items = ["-p", "items=[5]", "-p", "at=6"]
    where = ["--store", "full://s", "--run-id", "r", "--quiet"]
    assert main(["run", f"{FLOWS}:failing_item", *items, *where]) == 3
    (said,) = capsys.readouterr().err.splitlines()
    said, record = said.split("; record: ")
    assert said.startswith("dagger-providers: fail-at[0] failed: ")
    assert said.endswith("full://s/runs/r/nodes/fail-at/0/commit.json: No space left on device")
    assert record == "full://s/runs/r/run.json"


@pytest.mark.parametrize(
    ("at", "why"), [("6", ""), ("5", " (fail-at[0] failed: ValueError: item 5)")]
)
def test_a_disk_that_is_full_when_the_run_is_over(
    at: str, why: str, full_disk: type[FullDisk], capsys: pytest.CaptureFixture[str]
) -> None:
    full_disk.refuses = lambda path: path.endswith("/run.json") and path in full_disk.store
    items = ["-p", "items=[5]", "-p", f"at={at}"]
    where = ["--store", "full://s", "--run-id", "r", "--quiet"]
    assert main(["run", f"{FLOWS}:failing_item", *items, *where]) == 3
    said = "dagger-providers: error: full://s/runs/r/run.json: No space left on device"
    assert capsys.readouterr().err == f"{said}{why}\n"
