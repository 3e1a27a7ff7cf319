"""A process ends with whoever started it, and so does what it started itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

TIED = """
import fcntl, subprocess, sys, time
{before}
from dagger_providers.execution.lifeline import tie

tie(int(sys.argv[1]))
time.sleep(0.1)  # as a thread needs to see it
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
time.sleep(60)
"""
BY_A_THREAD = "fcntl.__dict__.pop('F_SETSIG', None)"  # as where the system cannot do it


def is_over(pid: int) -> bool:
    """Say whether a process is gone, or a zombie that nobody here has to reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def start(before: str, tied: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TIED.format(before=before), str(tied)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=(tied,),
        start_new_session=True,
    )


@pytest.mark.parametrize("before", ["", BY_A_THREAD], ids=["by-the-system", "by-a-thread"])
def test_it_ends_with_all_that_it_started(before: str) -> None:
    tied, lifeline = os.pipe()
    with start(before, tied) as process:
        os.close(tied)
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert process.poll() is None

        os.close(lifeline)

        assert process.wait(10) == -9
    until = time.monotonic() + 10
    while not is_over(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert is_over(child)


@pytest.mark.parametrize(
    ("before", "status"), [("", 1), (BY_A_THREAD, -9)], ids=["by-the-system", "by-a-thread"]
)
def test_it_does_not_begin_when_that_is_over(before: str, status: int) -> None:
    tied, lifeline = os.pipe()
    os.close(lifeline)
    with start(before, tied) as process:
        os.close(tied)
        assert process.stdout is not None
        assert process.wait(10) == status
        assert process.stdout.read() == ""
