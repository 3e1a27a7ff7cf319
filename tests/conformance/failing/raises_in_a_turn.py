"""A turn of a repetition raises: which turn of which item is told, and the whole has failed."""

from dagger_providers import dag, loop, task

DRAWING = "xs -> [(refine: the third turn of the second fails)] -> use"


@task
def refine(x: int) -> dict[str, object]:
    if x == 12:
        raise KeyError(x)
    return {"x": x + 1, "done": (x + 1) % 5 == 0}


@task
def use(xs: list[int]) -> int:
    return sum(xs)


@dag
def raises_in_a_turn(xs: list[int]):
    return use([loop(refine)(x)["x"] for x in xs])


PIPELINE = raises_in_a_turn
PARAMETERS = {"xs": [3, 10]}
NODE = "refine.turn[1.2]"
TYPE = "KeyError"
MESSAGE = "12"
TRACEBACK = "raise KeyError(x)"
NEVER = ("use",)
