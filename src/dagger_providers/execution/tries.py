"""Try an execution as often, and each time as long, as its policy says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from dagger_providers.card import Policy
from dagger_providers.errors import UsageError, one_line
from dagger_providers.serializers.records import Record

T = TypeVar("T")


class Tries(Record):
    """What a process must know that makes tries while another watches it.

    Attributes:
        tell: Takes messages for the watching process; see `watch.listen`.
        first: The number of the first try to make; those before it were ended. The one after the
            last is the function that stands in for a failed one.
        skip: How many items before it are done, in a process that runs several.
    """

    tell: Callable[[list[Any]], None]
    first: int = 1
    skip: int = 0


def tried(
    attempt: Callable[[int], T],
    policy: Policy,
    what: str,
    sleep: Callable[[float], None] = time.sleep,
    first: int = 1,
) -> T:
    """Return what the first try gives that does not fail.

    Args:
        attempt: Makes one try; gets its number, from 1.
        policy: How many tries, and how long to wait between them.
        what: What is tried, as warnings call it.
        sleep: Waits some seconds.
        first: The number of the first try to make.

    Raises:
        UsageError: Of the first try: another would give the same.
        TimeoutError: The first is beyond the last: that one was ended.
        Exception: Of the last try.
    """
    if first > policy.retries + 1:
        raise too_long(what, policy.timeout)
    if first > policy.retries:
        return attempt(first)
    # Only a task with retries pays for the import.
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

    def number(state: RetryCallState) -> int:
        return state.attempt_number + first - 1

    def warn(state: RetryCallState) -> None:
        if state.outcome is not None:
            warn_of(state.outcome.exception(), what, policy, number(state))

    numbers = count(first)
    retrying = Retrying(
        stop=stop_after_attempt(policy.retries + 2 - first),
        wait=lambda state: delay_after(number(state), policy),
        sleep=sleep,
        retry=retry_if_exception(_may_pass),
        before_sleep=warn,
        reraise=True,
    )
    return retrying(lambda: attempt(next(numbers)))


def delay_after(number: int, policy: Policy) -> float:
    """Return how many seconds to wait after a try that failed."""
    return policy.retry_delay * policy.retry_backoff ** (number - 1)


def _may_pass(error: BaseException) -> bool:
    """Say whether another try could end otherwise: not after misuse, nor when told to stop."""
    return isinstance(error, Exception | SystemExit) and not isinstance(error, UsageError)


def warn_of(error: BaseException | None, what: str, policy: Policy, number: int) -> None:
    """Warn that a try failed, which is not the last."""
    from logging import getLogger

    told = one_line(f"{type(error).__name__}: {error}")
    getLogger("dagger_providers").warning(
        "%s: try %d of %d failed: %s; the next in %g s",
        what, number, policy.retries + 1, told, delay_after(number, policy),
    )  # fmt: skip


def too_long(what: str, seconds: float | None) -> TimeoutError:
    """Return the exception of a try that took longer than it may."""
    return TimeoutError(f"{what} took longer than its timeout of {seconds:g} s")


@contextmanager
def time_limit(seconds: float | None, what: str) -> Iterator[None]:
    """Interrupt the body after some seconds.

    It is done by a signal, which Python handles between two of its own instructions, so that
    ``finally`` blocks run. What does not end by that, the process that watches this one ends.

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
        over.append(too_long(what, seconds))
        raise over[0]

    until = time.monotonic() + seconds
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if over or time.monotonic() > until:  # the body caught it, or let no signal through
        raise over[0] if over else too_long(what, seconds)
