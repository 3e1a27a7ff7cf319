"""Make tries in a process of their own, which can be ended whatever their code does."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from dagger_providers.card import Policy
from dagger_providers.execution.lifeline import tie
from dagger_providers.execution.tries import Tries
from dagger_providers.execution.watch import Overdue, ending, kill_group, listen, next_try
from dagger_providers.serializers.records import Record


class _Child(Record):
    """A forked process.

    Attributes:
        pid: The process, which leads a group of its own.
        pipe: Where its messages arrive.
        lifeline: The end of a pipe that is never written to: when it is closed, as it is when this
            process ends in any way, the system kills the child's group.
    """

    pid: int
    pipe: int
    lifeline: int


def stand_by(policy: Policy) -> Tries | int:
    """Let a copy of this process go on, and stand by until it ends.

    It is for a process that is there for the items of one node alone: signals are passed on to the
    copy, and a signal that ends the copy ends this process too. When a try takes too long, another
    copy goes on after it, at the item that the last message ``["item", number]`` named.

    Returns:
        In the copy, what it must know to make the tries; here, the copy's exit status.
    """
    first, item = 1, 0
    while True:
        forked = _fork(first, item, _PASSED_ON)
        if isinstance(forked, Tries):
            return forked
        try:
            with _passing_on(forked.pid):
                for message in listen(forked.pipe, forked.pid):
                    if message[0] == "item":
                        item = message[1]
                status = _end(forked)
        except Overdue as event:
            overdue = event
            _end(forked)
        else:
            return status if status >= 0 else _end_by(-status)
        first = next_try(policy, overdue)


def run_apart(what: str, policy: Policy, work: Callable[[Tries], object]) -> None:
    """Do work in a copy of this process.

    The copy has all that is in memory here, and what it changes there is lost. Threads are not
    copied: a library that holds a lock in one of them may wait for it in the copy for ever, or
    rather until the timeout.

    Args:
        what: What the work is, as messages call it.
        policy: How often and how long it is tried.
        work: Makes the tries.

    Raises:
        ChildProcessError: The copy ended before the work did.
        BaseException: What the work raised, made again.
    """
    first = 1
    while True:
        forked = _fork(first)
        if isinstance(forked, Tries):
            _work_and_end(work, forked)
        try:
            told = [message for message in listen(forked.pipe, forked.pid) if message[0] == "end"]
        except Overdue as event:
            overdue = event
            _end(forked)
        except BaseException:
            kill_group(forked.pid)
            _end(forked)
            raise
        else:
            _raise_from(told, what, _end(forked))
            return
        first = next_try(policy, overdue)


def _raise_from(told: list[Any], what: str, status: int) -> None:
    """Raise what a child told of at its end, or that it told nothing."""
    if not told:
        raise ChildProcessError(f"the process of {what} ended with {ending(status)}")
    if told[0][1] is not None:
        from dagger_providers.execution.failures import unpack

        raise unpack(told[0][1])


def _work_and_end(work: Callable[[Tries], object], tries: Tries) -> NoReturn:
    """Do the work, tell how it went, and end without what this process would do at its end."""
    packed = None
    try:
        try:
            work(tries)
        except BaseException as error:
            from dagger_providers.execution.failures import pack

            packed = pack(error)
        tries.tell(["end", packed])
        _flush()
    finally:
        os._exit(0)


def _fork(first: int, item: int = 0, blocked: tuple[signal.Signals, ...] = ()) -> Tries | _Child:
    """Fork a process, which gets what it must know to make the tries.

    Some signals are held back here, until `_passing_on` takes them.
    """
    _flush()
    pipe, tell = os.pipe()
    tied, lifeline = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: see `run_apart`
        pid = os.fork()
    if pid:
        with suppress(OSError):
            os.setpgid(pid, pid)  # whoever of the two comes first
        os.close(tell)
        os.close(tied)
        return _Child(pid, pipe, lifeline)
    os.setpgid(0, 0)
    os.close(pipe)
    os.close(lifeline)
    tie(tied)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return Tries(lambda message: _write(tell, message), first, item)


def _write(pipe: int, message: list[Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]


_PASSED_ON = (
    signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip


@contextmanager
def _passing_on(pid: int) -> Iterator[None]:
    """Send signals that we get to a process and its group, and unblock them."""

    def pass_on(number: int, _: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(child: _Child) -> int:
    """Wait for a child, and return its exit status, or the signal that ended it as a negative."""
    _, status = os.waitpid(child.pid, 0)
    os.close(child.pipe)
    os.close(child.lifeline)
    return os.waitstatus_to_exitcode(status)


def _end_by(number: int) -> int:
    """End by the signal that ended the child; return the shells' status for it if that fails."""
    with suppress(OSError):  # SIGKILL has no handler
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


def _flush() -> None:
    """Write what waits in the standard streams, lest a copy writes it again."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
