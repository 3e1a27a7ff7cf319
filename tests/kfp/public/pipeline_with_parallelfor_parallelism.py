"""How many items of a loop run at a time: `concurrency` of a task in it."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_with_parallelfor_parallelism"
CONTAINERS = (11, 9)
AT_A_TIME = (
    "a limit is one of a task, for all of its items together: around a loop with a limit, one item "
    "runs at a time"
)


@task
def show(msg: str) -> str:
    return msg


@task
def show_number(x: int) -> int:
    return x


@task
def make_rows() -> list[dict[str, int]]:
    return [{"a": 1, "b": 2}, {"a": 2, "b": 3}]


@dag
def constants(rows: list[dict[str, str]], inner: list[dict[str, str]]):
    first, second = [], []
    for row in rows:
        first.append([show(row["a"]), show(row["b"])])
        for one in inner:
            second.append([show.options(concurrency=1)(one["a"]), show(one["b"])])
    return {"first": first, "second": second}


@dag
def numbers(rows: list[dict[str, int]]):
    return [show_number.options(concurrency=1)(row["a"]) for row in rows]


@dag
def pipeline_with_parallelfor_parallelism(texts: list[str]):
    outer, inner = [], []
    for text in texts:
        outer.append(show.options(concurrency=2)(text))
        inner.append([show(other) for other in texts])
    constant = constants([{"a": "1", "b": "2"}], [{"a": "10", "b": "20"}])
    return {
        "outer": outer,
        "inner": inner,
        "first": constant["first"],
        "second": constant["second"],
        "numbers": numbers([{"a": 1}, {"a": 2}]),
        "made": [show_number(row["a"]) for row in make_rows()],
    }


PIPELINE = pipeline_with_parallelfor_parallelism
RUNS = [
    Run(
        {"texts": ["x", "y"]},
        {
            "outer": ["x", "y"],
            "inner": [["x", "y"], ["x", "y"]],
            "first": [["1", "2"]],
            "second": [["10", "20"]],
            "numbers": [1, 2],
            "made": [1, 2],
        },
    ),
]
