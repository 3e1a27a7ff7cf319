"""The function that stands in raises too: its exception is told, caused by the task's."""

from dagger_providers import dag, task

DRAWING = "fit (fails: guess, which fails) -> use"


def guess(x: int, error: Exception) -> int:
    raise LookupError(f"no guess for {x}") from error


@task(on_failure=guess)
def fit(x: int) -> int:
    raise ValueError(f"no fit for {x}")


@task
def use(x: int) -> int:
    return x


@dag
def stand_in_raises(x: int):
    return use(fit(x))


PIPELINE = stand_in_raises
PARAMETERS = {"x": 3}
NODE = "fit"
TYPE = "LookupError"
MESSAGE = "no guess for 3"
TRACEBACK = 'raise ValueError(f"no fit for {x}")'
NEVER = ("fit", "use")
PLAIN = "ValueError: no fit for 3"
