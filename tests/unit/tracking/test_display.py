"""Progress: plain lines where nobody looks live, bars on a terminal, nothing when quiet."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dagger_providers.tracking import Event, silent
from dagger_providers.tracking.display import display

EVENTS = [
    Event("run", "flow", total=4),
    Event("group", "make"),
    Event("started", "make"),
    Event("done", "make", seconds=1.5),
    Event("group", "fit", total=20),
    *(Event("done", "fit", str(n), seconds=0.25) for n in range(20)),
    Event("group", "none", total=0),
    Event("group", "bad", total=2),
    Event("failed", "bad", "1", message="ValueError: no"),
    Event("end", "flow", message="failed"),
]


def shown(events: list[Event], *, quiet: bool = False) -> list[str]:
    out = io.StringIO()
    with display(quiet=quiet, stream=out) as listen:
        for event in events:
            listen(event)
    return [re.sub(r"^\[ *\d+\.\d\d s\] ", "", line) for line in out.getvalue().splitlines()]


def test_plain_lines() -> None:
    assert shown(EVENTS) == [
        "flow: 4 nodes",
        "make: done in 1.50 s",
        *(f"fit: {n}/20 done, {n / 4:.2f} s of work" for n in range(2, 21, 2)),
        "none: nothing to do, its loop is empty",
    ]


def test_one_node() -> None:
    assert shown([Event("run", "flow", total=1)]) == ["flow: 1 node"]


def test_a_failure_is_told_while_something_else_runs() -> None:
    """Why it failed is told once, at the end, by who started the run."""
    events = [
        Event("group", "fit", total=2),
        Event("started", "fit", "0"),
        Event("started", "fit", "1"),
        Event("failed", "fit", "0", message="ValueError: no"),
        Event("failed", "fit", "1", message="ValueError: no"),
        Event("end", "flow", message="failed"),
    ]
    assert shown(events) == ["fit[0]: failed; what has begun goes on"]
    body = [
        Event("group", "refine"),
        Event("started", "refine"),
        Event("failed", "refine.turn", "1", message="ValueError: no"),
    ]
    assert shown(body) == []


def test_what_was_cached() -> None:
    events = [
        Event("group", "make"),
        Event("done", "make", seconds=0.01, how="cached"),
        Event("group", "fit", total=2),
        Event("done", "fit", "0", seconds=0.25),
        Event("done", "fit", "1", seconds=0.25, how="cached"),
    ]
    assert shown(events) == [
        "make: cached",
        "fit: 1/2 done, 0.25 s of work",
        "fit: 2/2 done (1 cached), 0.50 s of work",
    ]


def test_what_was_cached_inside_others() -> None:
    def inside(name: str, index: str = "", how: str = "") -> Event:
        return Event("inner", name, index, how=how, inside="box")

    events = [
        Event("run", "flow", total=3),
        Event("group", "box", total=2),
        inside("a", "0", "cached"),
        inside("b", "0"),
        Event("done", "box", "0", seconds=0.25),
        inside("a", "1", "cached"),
        inside("b", "1", "left out"),
        Event("done", "box", "1", seconds=0.25),
    ]
    assert shown(events) == [
        "flow: 3 nodes",
        "box: 1/2 done (1 cached inside), 0.25 s of work",
        "box: 2/2 done (2 cached inside, 1 left out inside), 0.50 s of work",
    ]


def test_quiet() -> None:
    assert shown(EVENTS, quiet=True) == []
    with display(quiet=True) as listen:
        assert listen is silent


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("nodes", [3, 30])
def test_bars(nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with display(stream=out) as listen:
        listen(Event("run", "flow", total=nodes))
        for number in range(nodes):
            listen(Event("group", f"node-{number}", total=2))
            for index in "01":
                listen(Event("started", f"node-{number}", index))
                listen(Event("done", f"node-{number}", index))
        listen(Event("group", "again", total=1))
        listen(Event("done", "again", how="cached"))
        listen(Event("group", "partly", total=2))
        listen(Event("done", "partly", "0", how="cached"))
        listen(Event("done", "partly", "1"))
        listen(Event("group", "empty", total=0))
        listen(Event("failed", "never-begun", message="ValueError: no"))
        listen(Event("end", "flow", message="failed"))
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue())
    last = text[text.rindex("flow") :]
    assert "failed" in last
    assert f"node-{nodes - 1}" in last
    assert "2/2" in last
    assert "empty loop" in last
    assert re.search(r"again .*1/1 .*cached", last)
    assert re.search(r"partly .*2/2 .*done, 1 cached", last)
    assert last.count("node-") <= 12


@pytest.mark.slow
def test_on_a_real_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    read: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other end is closed
                return
            if not data:
                return
            read.append(data)

    reader = threading.Thread(target=listen)
    reader.start()
    command = [sys.executable, "-m", "dagger_providers", "run", "unit.cli.contract:map_reduce"]
    ended = subprocess.run(
        command, stderr=theirs, stdout=subprocess.PIPE, cwd=tmp_path, check=False, text=True,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path),
             "COLUMNS": "100"},
    )  # fmt: skip
    os.close(theirs)
    reader.join()
    os.close(ours)
    assert ended.returncode == 0
    assert ended.stdout == "return_value = 30\n"
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", b"".join(read).decode())
    assert "5/5" in text
    assert "3/3" in text
    assert "succeeded" in text
    assert "\x1b[" in b"".join(read).decode()
