"""End with whoever started this process, however that ends."""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import suppress


def tie(pipe: int) -> None:
    """Let our group be killed once the other end of a pipe is closed, to which nobody writes.

    The system closes it when whoever holds it ends in any way. On Linux the system kills, too, so
    that no code of ours has to run for it and there is no thread that a fork would lose.

    Args:
        pipe: The end to read from; this process leads a group of its own.
    """
    if not hasattr(fcntl, "F_SETSIG"):  # Linux alone has it
        from threading import Thread

        Thread(target=_watch, args=(pipe,), daemon=True).start()
        return
    fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        if not os.read(pipe, 1):  # it was closed before
            os._exit(1)


def _watch(pipe: int) -> None:
    os.read(pipe, 1)
    os.killpg(os.getpid(), signal.SIGKILL)
