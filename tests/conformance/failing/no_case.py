"""A selector for which there is no case, for one of the items; other items' branches may run."""

from dagger_providers import dag, switch, task

DRAWING = "xs -> [kind -> (small | large)] -> join"


@task
def kind(x: int) -> str:
    return "small" if x < 5 else "huge" if x > 50 else "large"


@task
def small(x: int) -> int:
    return x


@task
def large(x: int) -> int:
    return 10 * x


@task
def join(values: list[int]) -> int:
    return sum(values)


@dag
def no_case(xs: list[int]):
    chosen = [switch(kind(x), {"small": small, "large": large}, name="by-size")(x) for x in xs]
    return join(chosen)


PIPELINE = no_case
PARAMETERS = {"xs": [1, 99, 7]}
NODE = ""
TYPE = "dagger_providers.errors.NoCaseError"
MESSAGE = "switch 'by-size' has no case for 'huge' and no default; its cases: 'small', 'large'"
TRACEBACK = ""
NEVER = ("join",)
