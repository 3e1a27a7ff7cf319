"""A try takes longer than its timeout; a plain call has none."""

import time

from dagger_providers import dag, task

DRAWING = "sleep (timeout) -> use"


@task(timeout=0.2)
def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@task
def use(seconds: float) -> float:
    return seconds


@dag
def too_slow(seconds: float):
    return use(sleep(seconds))


PIPELINE = too_slow
PARAMETERS = {"seconds": 0.5}
NODE = "sleep"
TYPE = "TimeoutError"
MESSAGE = "sleep took longer than its timeout of 0.2 s"
TRACEBACK = "time.sleep(seconds)"
NEVER = ("use",)
PLAIN = ""
