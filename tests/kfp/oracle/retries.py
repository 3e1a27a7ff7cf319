"""Retries of a task in a loop, with a backoff, and of one beside it.

KFP counts the backoff in whole seconds: the program's 10 ms are none. It has no timeout of a task.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "retries"


@function
def flaky(folder: str, x: str) -> str: ...


@function
def halfway(folder: str) -> list: ...


@function
def listed(values: list) -> list: ...


@dsl.pipeline(name="retries")
def pipeline(folder: str, xs: list):
    with dsl.ParallelFor(xs) as x:
        tried = flaky(folder=folder, x=x)
        tried.set_retry(num_retries=2, backoff_duration="0s", backoff_factor=2.0)
    listed(values=dsl.Collected(tried.output))
    halfway(folder=folder).set_retry(num_retries=1)
