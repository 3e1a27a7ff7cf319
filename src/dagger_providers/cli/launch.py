"""What a command does to its own process before it runs a pipeline."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


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


@contextmanager
def stdout_for_results() -> Iterator[None]:
    """Send what is printed, also by other processes, to the standard error instead.

    The standard output is then for one document, whatever the user's code prints.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
