"""A repetition reaches its bound: what its turns gave is kept, and nothing after it runs."""

from dagger_providers import dag, loop, task

DRAWING = "x -> (grow: 3 turns, never done) -> use"


@task
def grow(x: int) -> dict[str, object]:
    return {"x": x + 1, "done": False}


@task
def use(x: int) -> int:
    return x


@dag
def not_done(x: int):
    return use(loop(grow, max_iterations=3)(x)["x"])


PIPELINE = not_done
PARAMETERS = {"x": 0}
NODE = "grow"
TYPE = "dagger_providers.errors.NotDoneError"
MESSAGE = "was not done after 3 turns; raise max_iterations, or take what there is with"
TRACEBACK = ""
NEVER = ("grow", "use")
