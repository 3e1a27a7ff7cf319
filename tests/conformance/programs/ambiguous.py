"""What one symbolic pass could not tell apart: zip and nesting, two orders, lists at two levels."""

from dagger_providers import dag, task

DRAWING = "xs, ys -> zip | nested | both orders; [a, [b], c] at two levels, interleaved and not"


@task
def pair(x: str, y: str) -> str:
    return f"{x}{y}"


@task
def a(x: str) -> str:
    return f"a{x}"


@task
def b(x: str) -> str:
    return f"b{x}"


@task
def letters(x: str) -> list[str]:
    return list(x)


@task
def join(values: list[str]) -> str:
    return " ".join(values)


@task
def rows(values: list[list[str]]) -> str:
    return "|".join(map(" ".join, values))


@dag
def ambiguous(xs: list[str], ys: list[str]):
    interleaved, firsts, seconds, levels = [], [], [], []
    for x in xs:
        row = []
        for letter in letters(x):
            interleaved.append(a(letter))
            interleaved.append(b(letter))
            firsts.append(a(letter))
            seconds.append(b(letter))
            row += [a(letter), letter, b(letter)]
        levels.append(row)
        interleaved.append(b(x))
    return {
        "zipped": join([pair(x, y) for x, y in zip(xs, ys, strict=True)]),
        "nested": join([pair(x, y) for x in xs for y in ys]),
        "turned": join([pair(x, y) for y in ys for x in xs]),
        "by_y": rows([[pair(x, y) for x in xs] for y in ys]),
        "interleaved": join(interleaved),
        "after_each_other": join(firsts + seconds),
        "levels": rows(levels),
        "columns": rows([[a(x) for x in xs], [b(x) for x in xs]]),
    }


PIPELINE = ambiguous
RUNS = [
    (
        {"xs": [], "ys": []},
        {
            "zipped": "",
            "nested": "",
            "turned": "",
            "by_y": "",
            "interleaved": "",
            "after_each_other": "",
            "levels": "",
            "columns": "|",
        },
    ),
    (
        {"xs": ["mn", "k"], "ys": ["1", "2"]},
        {
            "zipped": "mn1 k2",
            "nested": "mn1 mn2 k1 k2",
            "turned": "mn1 k1 mn2 k2",
            "by_y": "mn1 k1|mn2 k2",
            "interleaved": "am bm an bn bmn ak bk bk",
            "after_each_other": "am an ak bm bn bk",
            "levels": "am m bm an n bn|ak k bk",
            "columns": "amn ak|bmn bk",
        },
    ),
]
