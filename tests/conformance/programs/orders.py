"""Two results of each item: interleaved, and one list after the other."""

from dagger_providers import dag, task

DRAWING = "xs -> [a, b] -> join (a0 b0 a1 b1), join (a0 a1 b0 b1)"


@task
def a(x: str) -> str:
    return f"a({x})"


@task
def b(x: str) -> str:
    return f"b({x})"


@task
def join(values: list[str]) -> str:
    return " ".join(values)


@dag
def orders(xs: list[str]):
    interleaved, left, right = [], [], []
    for x in xs:
        interleaved.append(a(x))
        interleaved.append(b(x))
    for x in xs:
        left.append(a(x))
        right.append(b(x))
    return {
        "interleaved": join(interleaved),
        "concatenated": join(left + right),
        "framed": join(["start", *left, "end"]),
    }


PIPELINE = orders
RUNS = [
    ({"xs": []}, {"interleaved": "", "concatenated": "", "framed": "start end"}),
    (
        {"xs": ["x", "y"]},
        {
            "interleaved": "a(x) b(x) a(y) b(y)",
            "concatenated": "a(x) a(y) b(x) b(y)",
            "framed": "start a(x) a(y) end",
        },
    ),
]
