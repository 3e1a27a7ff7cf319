"""Items that fail are left out of loops in step, of what a pipeline hands on, and between turns."""

from dagger_providers import dag, loop, switch, task

DRAWING = "zip(xs, xs -> [fit: some fail]) -> [add]; [through(fit)]; (turn: [fit]); {even -> (inc)}"
PLAIN = "ValueError: 1 is odd"


@task(allow_failure=True)
def fit(x: int) -> int:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


@task(allow_failure=True)
def twice(x: int) -> list[int]:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return [x, x]


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def inc(x: int) -> int:
    return x + 1


@task
def at_least(x: int, y: int) -> bool:
    return x >= y


@task
def even(x: int) -> bool:
    return x % 2 == 0


@dag
def through(k: int):
    return {"as_it_was": k, "next": inc(k)}


@dag
def turn(xs: list[int], n: int):
    return {"xs": [fit(inc(x)) for x in xs], "n": inc(n), "done": at_least(n, 2)}


@dag
def left_out_in_step(xs: list[int]):
    rows = []
    for x, y in zip(xs, [inc(x) for x in xs], strict=False):
        rows.append([add(z, y) for z in twice(x)])
    chosen = []
    for x in xs:
        one = inc.options(group="one")
        branches = {True: one, False: inc.options(group="one")}
        chosen.append(one(switch(even.options(group="one")(x), branches)(x)))
    return {
        "in_step": [add(x, found) for x, found in zip(xs, [fit(x) for x in xs], strict=False)],
        "rows": rows,
        "through": [through(fit(x))["as_it_was"] for x in xs],
        "after": [inc(through(fit(x))["as_it_was"]) for x in xs],
        "turns": loop(turn)(xs, 0)["n"],
        "chosen": chosen,
    }


_EXPECTED = {
    "in_step": [0, 4],
    "rows": [[1, 1], [5, 5]],
    "through": [0, 2],
    "after": [1, 3],
    "turns": 3,
    "chosen": [2, 3, 4],
}
PIPELINE = left_out_in_step
RUNS = [({"xs": [0, 1, 2]}, _EXPECTED)]
