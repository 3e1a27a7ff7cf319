"""Try an execution as often, and each time as long, as its policy says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from dagger_providers.card import Policy
from dagger_providers.errors import UsageError, one_line

T = TypeVar("T")


def tried(
    attempt: Callable[[int], T],
    policy: Policy,
    what: str,
    sleep: Callable[[float], object] = time.sleep,
) -> T:
    """Return what the first try gives that does not fail.

    Args:
        attempt: Makes one try; gets its number, from 1.
        policy: How many tries, and how long to wait between them.
        what: What is tried, as warnings call it.
        sleep: Waits some seconds.

    Raises:
        UsageError: Of the first try: another would give the same.
        Exception: Of the last try.
    """
    delay = policy.retry_delay
    for number in range(1, policy.retries + 1):
        try:
            return attempt(number)
        except UsageError:
            raise
        except (Exception, SystemExit) as error:
            _warn(f"{what}: try {number} of {policy.retries + 1} failed", error, delay)
        sleep(delay)
        delay *= policy.retry_backoff
    return attempt(policy.retries + 1)


def _warn(what: str, error: BaseException, delay: float) -> None:
    # Only a failure pays for the import.
    from logging import getLogger

    told = one_line(f"{type(error).__name__}: {error}")
    getLogger("dagger_providers").warning("%s: %s; the next in %g s", what, told, delay)


@contextmanager
def time_limit(seconds: float | None, what: str) -> Iterator[None]:
    """Interrupt the body after some seconds.

    It is done by a signal, which Python handles between two of its own instructions: a call into
    C that neither returns nor looks for signals is interrupted when it returns. Where that may be
    never, the orchestrator's own timeout ends the container.

    Raises:
        TimeoutError: The time was over.
        UsageError: This is no main thread: no other can be interrupted.
    """
    if seconds is None:
        yield
        return
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        raise UsageError(f"{what} has a timeout, which a thread cannot keep: use processes")

    def stop(*_: object) -> None:
        raise TimeoutError(f"{what} took longer than its timeout of {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
