"""What a command does to its own process before it runs a pipeline, and when it is done."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from typing import NoReturn, TextIO

from dagger_providers.storage.faults import storage_errors


def fix_hash_seed() -> None:
    """Start the command again with the hash seed that every launcher sets, if it has another.

    Only a process that was started as the command is: one that calls `main` for itself has more
    to do. Where Python ignores its environment (``-E``, ``-I``) the seed stays as it is.
    """
    if not sys.flags.hash_randomization or os.environ.get("PYTHONHASHSEED") == "0":
        return
    sys.stdout.flush()
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own command again


def set_environment(given: Mapping[str, str], *, is_command: bool) -> None:
    """Set variables that have no value yet, for engines that cannot set them.

    Args:
        given: The variables. A hash seed of 0 starts a command again: Python reads it once.
        is_command: Whether this process was started as the command.
    """
    if is_command and given.get("PYTHONHASHSEED") == "0":
        fix_hash_seed()
    for name, value in given.items():
        os.environ.setdefault(name, value)


def open_streams() -> None:
    """Give a process that was started without some of its streams empty ones.

    The first file that it opens would take such a stream's number, and get what is printed.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this stream's
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def end_when_told() -> None:
    """Let the first process of a container end on SIGTERM, as any other process does.

    The kernel ends no first process by a signal that it does not handle: a pod that is deleted
    would compute on until it is killed, by default half a minute later.
    """
    if os.getpid() == 1:
        import signal

        signal.signal(signal.SIGTERM, lambda number, _: os._exit(128 + number))


def leave(status: int) -> NoReturn:
    """End the process of a command, without what libraries in C++ do at its end.

    All that Python does is done: its threads are waited for, exit functions run, streams are
    flushed. But pyarrow's threads may abort the process or never let it end (apache/arrow#34314,
    apache/arrow#50482), when the result is committed already; an orchestrator would take it for a
    failure.
    """
    threading = sys.modules.get("threading")
    with suppress(Exception):
        if threading is not None:
            threading._shutdown()
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)


@contextmanager
def printing(out: TextIO) -> Iterator[None]:
    """Print a result, to the end; a reader that has gone wants no more of it.

    Raises:
        StorageError: It cannot be printed, as to a file on a full disk.
    """
    with storage_errors("the standard output"), suppress(BrokenPipeError):
        yield
        out.flush()


def say(text: str) -> None:
    """Print a result.

    Raises:
        StorageError: It cannot be printed.
    """
    with printing(sys.stdout):
        sys.stdout.write(text.rstrip("\n") + "\n")


@contextmanager
def telling_interrupts() -> Iterator[None]:
    """Tell what is noted on a Ctrl-C: where the record of the run lies."""
    try:
        yield
    except KeyboardInterrupt as error:
        sys.stderr.writelines(f"{note}\n" for note in getattr(error, "__notes__", ()))
        raise


@contextmanager
def stdout_for_results() -> Iterator[None]:
    """Send what is printed, also by other processes, to the standard error instead.

    The standard output is then for what the command itself says, whatever the user's code prints.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
