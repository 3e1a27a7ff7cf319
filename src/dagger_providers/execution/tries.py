"""Try an execution as often, and each time as long, as its policy says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from dagger_providers.card import Policy
from dagger_providers.errors import UsageError, one_line

T = TypeVar("T")


def tried(
    attempt: Callable[[int], T],
    policy: Policy,
    what: str,
    sleep: Callable[[float], None] = time.sleep,
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
    if not policy.retries:
        return attempt(1)
    # Only a task with retries pays for the import.
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

    def wait(state: RetryCallState) -> float:
        return policy.retry_delay * policy.retry_backoff ** (state.attempt_number - 1)

    def warn(state: RetryCallState) -> None:
        if state.outcome is not None:
            tries = f"try {state.attempt_number} of {policy.retries + 1}"
            _warn(f"{what}: {tries} failed", state.outcome.exception(), wait(state))

    numbers = count(1)
    retrying = Retrying(
        stop=stop_after_attempt(policy.retries + 1),
        wait=wait,
        sleep=sleep,
        retry=retry_if_exception(_may_pass),
        before_sleep=warn,
        reraise=True,
    )
    return retrying(lambda: attempt(next(numbers)))


def _may_pass(error: BaseException) -> bool:
    """Say whether another try could end otherwise: not after misuse, nor when told to stop."""
    return isinstance(error, Exception | SystemExit) and not isinstance(error, UsageError)


def _warn(what: str, error: BaseException | None, delay: float) -> None:
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

    over: list[TimeoutError] = []

    def stop(*_: object) -> None:
        over.append(TimeoutError(f"{what} took longer than its timeout of {seconds:g} s"))
        raise over[0]

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if over:  # the body caught it and went on
        raise over[0]
