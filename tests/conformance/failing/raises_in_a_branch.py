"""A task in the branch that runs raises; the other branch and what reads the result never run."""

from dagger_providers import dag, switch, task

DRAWING = "kind -> (steps: first -> second fails | other) -> use"


@task
def kind(n: int) -> str:
    return "steps" if n else "other"


@task
def first(n: int) -> int:
    return n


@task
def second(n: int) -> int:
    raise ArithmeticError(f"not {n}")


@task
def other(n: int) -> int:
    return n


@task
def use(n: int) -> int:
    return n


@dag
def steps(n: int):
    return second(first(n))


@dag
def raises_in_a_branch(n: int):
    return use(switch(kind(n), {"steps": steps, "other": other})(n))


PIPELINE = raises_in_a_branch
PARAMETERS = {"n": 4}
NODE = "switch.steps.second"
TYPE = "ArithmeticError"
MESSAGE = "not 4"
TRACEBACK = 'raise ArithmeticError(f"not {n}")'
NEVER = ("switch.steps.second", "switch.other", "use")
