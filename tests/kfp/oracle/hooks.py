"""A loop and its reducer under an exit handler; success is a last step of what it guards.

KFP runs nothing on a failure alone: that hook runs in any case, and looks at the final status.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "hooks"


@function
def numbers(n: int) -> list: ...


@function
def halve(number: int, by: int) -> float: ...


@function
def total(values: list) -> float: ...


@function
def success() -> None: ...


@function
def failure(record: dsl.PipelineTaskFinalStatus) -> None: ...


@function
def leave(record: dsl.PipelineTaskFinalStatus) -> str: ...


@dsl.pipeline(name="halves")
def pipeline(n: int, by: int = 2):
    with dsl.ExitHandler(leave()):
        with dsl.ParallelFor(numbers(n=n).output) as number:
            half = halve(number=number, by=by)
        summed = total(values=dsl.Collected(half.output))
        success().set_retry(num_retries=1).after(summed)
        failure().after(summed).ignore_upstream_failure()
