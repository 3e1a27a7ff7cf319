"""A try is over after its timeout, whatever its code does; where nobody else watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import Card, Policy, dumps
from dagger_providers.errors import UsageError
from dagger_providers.execution import Locations, RunContext, open_run, run_card
from dagger_providers.execution.failures import read_failure
from dagger_providers.serializers.records import replace
from dagger_providers.storage import open_store, read_commit
from unit.execution import cards, stubborn
from unit.execution.cards import card

LIMIT = "node took longer than its timeout of 0.2 s"


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    return open_run(str(tmp_path / "store"), "r", {})


def limited(function: Any, timeout: float = 0.2, retries: int = 0, **inputs: Any) -> Card:
    policy = Policy(retries=retries, timeout=timeout)
    return card(function, policy=policy, **inputs)


def is_over(pid: int) -> bool:
    """Say whether a process is gone, or a zombie that nobody here has to reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize("function", [stubborn.hangs, stubborn.catches_all, stubborn.deaf])
def test_nothing_outlives_its_timeout(function: Any, run: RunContext, tmp_path: Path) -> None:
    given = {stubborn.hangs: {"folder": str(tmp_path)}, stubborn.deaf: {"seconds": 60}}
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=rf"^{LIMIT}\nin node node$"):
        run_card(limited(function, **given.get(function, {})), (), run)
    assert 1.2 < time.monotonic() - started < 10
    told = read_failure(run.store, "nodes/node")
    assert told is not None
    assert (told.type_name, told.message) == ("TimeoutError", LIMIT)
    with pytest.raises(ChildProcessError):  # no zombie is left
        os.waitpid(-1, os.WNOHANG)


def test_one_that_hears_no_signal_fails_though_it_ends(run: RunContext) -> None:
    with pytest.raises(TimeoutError, match=LIMIT):
        run_card(limited(stubborn.deaf, seconds=0.5), (), run)


def test_what_hears_the_exception_may_tidy_up(run: RunContext, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=LIMIT) as caught:
        run_card(limited(stubborn.tidies_up, folder=str(tmp_path)), (), run)
    assert time.monotonic() - started < 1
    assert (tmp_path / "tidy").exists()
    assert "in tidies_up" in str(caught.value.__cause__.traceback_text)  # type: ignore[union-attr]


def test_the_next_try_follows(
    run: RunContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = run_card(limited(stubborn.hangs_once, retries=2, folder=str(tmp_path)), (), run)
    assert record == read_commit(run.store, "nodes/node")
    assert record.extra["try"] == 2
    assert f"node: try 1 of 3 failed: TimeoutError: {LIMIT}; the next in 0 s" in caplog.text


def test_what_it_started_is_ended_too(run: RunContext, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match=LIMIT):
        run_card(limited(stubborn.starts_others, folder=str(tmp_path)), (), run)
    assert soon(lambda: is_over(int((tmp_path / "pid").read_text())))


def test_exceptions_arrive(run: RunContext) -> None:
    with pytest.raises(ValueError, match=r"^no such flight\nin node node$"):
        run_card(limited(stubborn.raises, timeout=60, text="no such flight"), (), run)
    with pytest.raises(SystemExit):
        run_card(limited(stubborn.exits, timeout=60), (), run)
    with pytest.raises(ChildProcessError, match="the process of node ended with exit status 4"):
        run_card(limited(stubborn.dies, timeout=60), (), run)


def test_results_at_plain_locations(run: RunContext, tmp_path: Path) -> None:
    places = Locations(outputs={"out": str(tmp_path / "out")})
    record = run_card(limited(cards.same, timeout=60, x=3), (), run, places)
    assert (tmp_path / "out").read_text() == "3"
    assert record.outputs == {}


def test_a_later_run_of_a_node_is_what_its_record_tells(run: RunContext) -> None:
    run_card(limited(cards.same, timeout=60, x=1), (), run)
    second = run_card(limited(cards.same, timeout=60, x=2), (), run)
    assert run.commit_at("nodes/node") == second


def test_a_store_in_memory_is_refused() -> None:
    context = RunContext(open_store("memory://apart"))
    with pytest.raises(UsageError, match="memory:// lives in one: use a folder"):
        run_card(limited(cards.same, x=1), (), context)


# The node command


def command(tmp_path: Path, one: Card, within: Sequence[str] = ()) -> subprocess.Popen[str]:
    options = ["--card", dumps(one), "--store", str(tmp_path / "store"), "--run-id", "r"]
    return subprocess.Popen(
        [*within, sys.executable, "-m", "dagger_providers", "run-node", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate(timeout=30)
    return process.returncode, out


def test_the_command_fails_as_for_any_exception(run: RunContext, tmp_path: Path) -> None:
    status, out = ended(command(tmp_path, limited(stubborn.hangs, folder=str(tmp_path))))
    assert (status, out) == (1, f"TimeoutError: {LIMIT}\nin node node\n")
    told = read_failure(run.store, "nodes/node")
    assert told is not None
    assert told.message == LIMIT
    assert is_over(int((tmp_path / "pid").read_text()))


def test_the_command_tries_again(run: RunContext, tmp_path: Path) -> None:
    one = limited(stubborn.hangs_once, retries=1, folder=str(tmp_path))
    status, out = ended(command(tmp_path, one))
    assert status == 0
    assert out == f"node: try 1 of 2 failed: TimeoutError: {LIMIT}; the next in 0 s\n"
    assert read_commit(run.store, "nodes/node").extra["try"] == 2


def test_the_command_says_all_in_order_and_ends_as_python_does(tmp_path: Path) -> None:
    status, out = ended(command(tmp_path, limited(stubborn.says, timeout=60, lines=3)))
    assert status == 0
    lines = [f"{stream} {number}" for number in range(3) for stream in ("out", "err")]
    assert out.splitlines() == [*lines, "at exit"]


@pytest.mark.parametrize(
    ("function", "status"), [(stubborn.dies, 4), (stubborn.kills_itself, -signal.SIGKILL)]
)
def test_the_command_ends_as_its_copy_does(function: Any, status: int, tmp_path: Path) -> None:
    assert ended(command(tmp_path, limited(function, timeout=60))) == (status, "")


def started(process: subprocess.Popen[str], tmp_path: Path) -> int:
    assert soon(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
    assert process.poll() is None
    return int((tmp_path / "pid").read_text())


def test_signals_reach_the_users_code(tmp_path: Path) -> None:
    process = command(tmp_path, limited(stubborn.waits, timeout=60, folder=str(tmp_path)))
    started(process, tmp_path)
    process.send_signal(signal.SIGTERM)
    status, _ = ended(process)
    assert status == 1  # the function's SystemExit
    assert (tmp_path / "told").exists()


def test_the_first_process_of_a_container_ends_when_it_is_told_to(tmp_path: Path) -> None:
    container = ("unshare", "--pid", "--fork", "--kill-child")
    if subprocess.run([*container, "true"], check=False, capture_output=True).returncode:
        pytest.skip("to make a namespace of processes needs root")
    process = command(tmp_path, card(stubborn.tidies_up, folder=str(tmp_path)), container)
    assert started(process, tmp_path) == 1
    [first] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(first), signal.SIGTERM)
    assert ended(process)[0] == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_signals_end_code_that_hangs(number: int, tmp_path: Path) -> None:
    process = command(tmp_path, limited(stubborn.hangs, timeout=60, folder=str(tmp_path)))
    pid = started(process, tmp_path)
    process.send_signal(number)
    assert ended(process)[0] == -number
    assert soon(lambda: is_over(pid))


def test_ctrl_c_is_no_failed_try(tmp_path: Path) -> None:
    one = limited(stubborn.tidies_up, timeout=60, retries=3, folder=str(tmp_path))
    process = command(tmp_path, one)
    started(process, tmp_path)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "")
    assert (tmp_path / "tidy").exists()


# What stands in


def test_what_stands_in_runs_after_the_last_try(run: RunContext, tmp_path: Path) -> None:
    one = limited(stubborn.hangs, retries=1, folder=str(tmp_path))
    record = run_card(replace(one, on_failure=f"{stubborn.__name__}:stands_in"), (), run)
    assert record.extra["recovered"] == f"TimeoutError: {LIMIT}"
    assert (tmp_path / "pid").exists()


def test_what_stands_in_has_the_same_time_and_one_try(run: RunContext, tmp_path: Path) -> None:
    one = limited(stubborn.raises_then_hangs, retries=1, folder=str(tmp_path))
    reference = f"{stubborn.__name__}:hangs"
    with pytest.raises(TimeoutError, match=LIMIT):
        run_card(replace(one, on_failure=reference), (), run)
    assert (tmp_path / "tries").read_text() == "xx"


def test_a_failure_that_is_allowed_is_a_commit_without_outputs(
    run: RunContext, tmp_path: Path
) -> None:
    one = limited(stubborn.hangs, folder=str(tmp_path))
    record = run_card(replace(one, allow_failure=True), (), run)
    assert record.outputs == {}
    assert record.extra["failed"] == f"TimeoutError: {LIMIT}"
