"""A try is over after its timeout, whatever its code does, on each kind of workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import RunFailed, dag, task
from dagger_providers.card import dumps
from dagger_providers.card.functions import load
from dagger_providers.errors import CapabilityError, UsageError
from dagger_providers.execution import open_run, run_card
from dagger_providers.execution.failures import read_failure
from dagger_providers.planning import plan
from dagger_providers.runtimes.local import run_dag
from dagger_providers.storage import open_store, read_commit
from unit.runtimes import timeouts

EVERYWHERE = pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="one job"),
        pytest.param({"jobs": 2}, id="worker processes"),
        pytest.param({"workers": "command"}, id="node command"),
    ],
)


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


@EVERYWHERE
def test_code_that_hangs_fails(how: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RunFailed) as caught:
        run_dag(timeouts.hanging.build(), {}, store=tmp_path, **how)
    told = "TimeoutError: hangs took longer than its timeout of 0.2 s"
    assert str(caught.value) == f"hangs failed: {told}"
    run = caught.value.run
    assert (run.nodes["hangs"].status, run.nodes["after"].status) == ("failed", "unfinished")
    recorded = read_failure(open_store(run.folder), "nodes/hangs")
    assert str(recorded) == told
    assert recorded is not None
    assert recorded.traceback_text == f"{told}\nin node hangs\n" == run.failure["traceback"]


@EVERYWHERE
def test_what_was_done_is_not_done_again(how: dict[str, Any], tmp_path: Path) -> None:
    given = {"items": list(range(12)), "folder": str(tmp_path)}
    heard: list[tuple[str, str]] = []
    run = run_dag(
        timeouts.resumed.build(), given, store=tmp_path / "store", **how,
        listen=lambda event: heard.append((event.address, event.index))
        if event.kind == "done" else None,
    )  # fmt: skip
    assert run.outputs["return_value"] == [item * 10 + 1 for item in range(12)]
    steps = ("before", "hangs-first", "after")
    assert sorted(heard) == sorted((step, str(item)) for step in steps for item in range(12))
    assert all(run.nodes[step].done == 12 for step in steps)
    store = open_store(run.folder)
    for item in range(12):
        assert read_commit(store, f"nodes/hangs-first/{item}").extra["try"] == 1 + (item in {1, 6})
        assert len(store.list(f"nodes/before/{item}")) == 2  # one attempt and its commit record


@pytest.mark.parametrize("how", [{}, {"jobs": 2}])
def test_exceptions_are_made_again(how: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RunFailed) as caught:
        run_dag(timeouts.failing.build(), {"text": "x"}, store=tmp_path, **how)
    assert type(caught.value.__cause__) is UnicodeDecodeError
    assert caught.value.__cause__.args == ("utf-8", b"x", 0, 1, "invalid")


def test_one_worker_does_for_all_items_of_one_job(tmp_path: Path) -> None:
    pids = timeouts.napping.run(times=[0.0, 0.1, 0.0, 0.0], store=tmp_path).outputs["return_value"]
    assert len(set(pids)) == 1
    assert pids[0] != os.getpid()


def test_a_function_that_only_this_process_has(tmp_path: Path) -> None:
    known = [1, 2, 3]

    @task(timeout=0.2, retries=1)
    def here(item: int) -> int:
        if item == 2:
            timeouts.hang()
        known.append(item)
        return known[item]

    @dag
    def live(items: list[int]):
        return [here(item) for item in items]

    assert live.run(items=[0, 1, 3], store=tmp_path).outputs["return_value"] == [1, 2, 3]
    assert known == [1, 2, 3]
    with pytest.raises(RunFailed, match=r"here\[1\] failed: TimeoutError"):
        live.run(items=[0, 2], store=tmp_path)


def test_a_store_in_memory_is_refused() -> None:
    with pytest.raises(CapabilityError, match="node 'hangs' has a timeout, which takes a process"):
        run_dag(timeouts.hanging.build(), {}, store="memory://timeouts")


@pytest.mark.parametrize("pipeline", ["hanging_long", "waiting_long"])
@pytest.mark.parametrize("how", [[], ["--jobs", "2"], ["--workers", "command"]])
def test_ctrl_c_ends_code_that_hangs(pipeline: str, how: list[str], tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    command = [sys.executable, "-m", "dagger_providers", "run", f"{timeouts.__name__}:{pipeline}"]
    command += [*how, "-p", f"mark={mark}", "--store", str(tmp_path), "--run-id", "r"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert soon(lambda: mark.exists() and bool(mark.read_text()))
    if pipeline == "waiting_long":  # for its next try
        time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130, err
    assert err.splitlines()[-1] == "dagger-providers: interrupted"
    assert soon(lambda: not Path("/proc", mark.read_text()).exists())


def test_a_file_that_runs_its_pipeline_when_imported(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from dagger_providers import dag, task\n"
        "@task(timeout=60)\n"
        "def one() -> int:\n    return 1\n"
        "@dag\n"
        "def ones():\n    return one()\n"
        f"ones.run(store={str(tmp_path)!r})\n"
    )
    with pytest.raises(UsageError, match='put the call under `if __name__ == "__main__":`'):
        load("unguarded.py:one", str(tmp_path))


def test_a_chunk_of_items_goes_on_after_the_one_that_hung(tmp_path: Path) -> None:
    steps = plan(timeouts.resumed.build()).steps
    given = {"items": json.dumps(list(range(4))), "folder": json.dumps(str(tmp_path))}
    run = open_run(str(tmp_path), "r", given)
    for item in range(4):
        run_card(steps["before"].card, (item,), run)
    card = steps["hangs-first"].card
    command = [sys.executable, "-m", "dagger_providers", "run-node", "--card", dumps(card)]
    command += ["--store", str(tmp_path), "--run-id", "r", "--index", "0:4"]
    command += [word for name, text in given.items() for word in ("--param", name, text)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    tries = [read_commit(run.store, f"nodes/hangs-first/{item}").extra["try"] for item in range(4)]
    assert tries == [1, 2, 1, 1]
    assert len(run.store.list("nodes/hangs-first/0")) == 2  # it was not run again
