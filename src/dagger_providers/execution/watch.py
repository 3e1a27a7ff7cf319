"""Listen to a process that makes tries, and end it when one of them takes too long."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from dagger_providers.card import Policy
from dagger_providers.execution.tries import delay_after, too_long, warn_of

GRACE = 1.0
"""Seconds between the exception that asks a try to end and the end of its process."""


class Overdue(Exception):  # noqa: N818 - an event, as RunFailed is
    """A try did not end in time, and its process was ended.

    Args:
        number: Which try.
        what: What was tried, as messages call it.
    """

    def __init__(self, number: int, what: str) -> None:
        super().__init__(number, what)
        self.number = number
        self.what = what


def listen(pipe: int, pid: int) -> Iterator[Any]:
    """Yield the messages of a process, JSON lists in lines, until it ends or closes its pipe.

    ``["try", number, seconds, what]`` says that a try begins, ``["tried"]`` that it is over.

    Args:
        pipe: Where the messages arrive.
        pid: The process, which leads a group of its own.

    Raises:
        Overdue: A try took longer than it may; the process was killed, with its group.
    """
    poll = select.poll()
    ended = _end_of(pid)
    if ended is not None:
        # Asked before the pipe is: what the process wrote before its end is never missed.
        poll.register(ended, select.POLLIN)
    poll.register(pipe, select.POLLIN)
    number, what = 0, ""
    until: float | None = None
    rest = b""
    try:
        while found := poll.poll(_milliseconds(until)):
            # The pipe may stay open in what the process left behind.
            data = os.read(pipe, _PIECE) if any(one == pipe for one, _ in found) else b""
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                message = json.loads(line)
                if message[0] == "try":
                    _, number, seconds, what = message
                    until = time.monotonic() + seconds + GRACE
                elif message[0] == "tried":
                    until = None
                yield message
        kill_group(pid)
        raise Overdue(number, what)
    finally:
        if ended is not None:
            os.close(ended)


_PIECE = 1 << 16


def _end_of(pid: int) -> int | None:
    """Return a descriptor that can be read once a process ended, where the system has such."""
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):
            return os.pidfd_open(pid)
    return None


def _milliseconds(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic()) * 1000


def kill_group(pid: int) -> None:
    """Kill a process that leads a group, with all that it started there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def ending(status: int) -> str:
    """Return how a process ended, in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"


def next_try(
    policy: Policy, overdue: Overdue, sleep: Callable[[float], object] = time.sleep
) -> int:
    """Return which try comes after one that was ended, once its delay is over.

    After the last one it is a number too: the process that is to make it fails as by any last try.
    """
    if overdue.number <= policy.retries:
        error = too_long(overdue.what, policy.timeout)
        warn_of(error, overdue.what, policy, overdue.number)
        sleep(delay_after(overdue.number, policy))
    return overdue.number + 1
