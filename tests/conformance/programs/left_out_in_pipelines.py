"""A failure that is allowed inside a mapped pipeline, in a branch, and beside one that is not."""

from dagger_providers import dag, switch, task

DRAWING = "xs -> [unit: fit -> half, other]; xs -> [sign -> (unit | negate) -> half] -> join"
PLAIN = "ValueError: 3 is odd"


@task(allow_failure=True)
def fit(x: int) -> int:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


@task
def half(x: int) -> int:
    return x // 2


@task
def other(x: int) -> str:
    return f"<{x}>"


@task
def sign(x: int) -> bool:
    return x > 0


@task
def negate(x: int) -> dict[str, object]:
    return {"half": -x, "other": "-"}


@task
def join(texts: list[str], numbers: list[int]) -> str:
    return f"{' '.join(texts)} {numbers}"


@dag
def unit(x: int):
    return {"half": half(fit(x)), "other": other(x)}


@dag
def left_out_in_pipelines(xs: list[int]):
    units = [unit(x) for x in xs]
    chosen = [switch(sign(x), {True: unit, False: negate})(x) for x in xs]
    return {
        "halves": [one["half"] for one in units],
        "others": [one["other"] for one in units],
        "joined": join([one["other"] for one in units], [one["half"] for one in units]),
        "chosen": [half(one["half"]) for one in chosen],
    }


PIPELINE = left_out_in_pipelines
RUNS = [
    ({"xs": [3]}, {"halves": [], "others": ["<3>"], "joined": "<3> []", "chosen": []}),
    (
        {"xs": [3, 8, -2, 4]},
        {
            "halves": [4, -1, 2],
            "others": ["<3>", "<8>", "<-2>", "<4>"],
            "joined": "<3> <8> <-2> <4> [4, -1, 2]",
            "chosen": [2, 1, 1],
        },
    ),
]
