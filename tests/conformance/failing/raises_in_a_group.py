"""A node of a group raises: what ran before it in the container is kept, the rest never runs."""

from dagger_providers import dag, task

DRAWING = "xs -> {[double] -> check fails -> after} -> use"


@task(group="all")
def double(x: int) -> int:
    return 2 * x


@task(group="all", retries=1)
def check(xs: list[int]) -> int:
    if len(xs) > 1:
        raise ValueError(f"{len(xs)} are too many")
    return xs[0]


@task(group="all")
def after(x: int) -> int:
    return x


@task
def use(x: int) -> int:
    return x


@dag
def raises_in_a_group(xs: list[int]):
    return use(after(check([double(x) for x in xs])))


PIPELINE = raises_in_a_group
PARAMETERS = {"xs": [1, 2]}
NODE = "check"
TYPE = "ValueError"
MESSAGE = "2 are too many"
TRACEBACK = 'raise ValueError(f"{len(xs)} are too many")'
NEVER = ("check", "after", "use", "all")
