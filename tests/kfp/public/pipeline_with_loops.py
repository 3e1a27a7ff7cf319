"""Loops over a parameter, over what a task gives, and over constants."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "parallel_and_nested/pipeline_with_loops"
CONTAINERS = (9, 8)


@task
def make_rows() -> list[dict[str, str]]:
    return [{"a": "1", "b": "2"}, {"a": "10", "b": "20"}]


@task
def show_text(msg: str) -> str:
    return msg


@task
def show_row(row: dict[str, str]) -> str:
    return " ".join(row.values())


@dag
def each(rows: list[dict[str, str]]):
    found = []
    for row in rows:
        found.append(show_row(row))
        found.append(show_text(row["a"]))
        found.append(show_text(row["b"]))
    return found


@dag
def pipeline_with_loops(texts: list[str]):
    return {
        "texts": [show_text(text) for text in texts],
        "made": each(make_rows()),
        "constant": each([{"a": "3", "b": "4"}]),
    }


PIPELINE = pipeline_with_loops
RUNS = [
    Run(
        {"texts": ["a", "b"]},
        {
            "texts": ["a", "b"],
            "made": ["1 2", "1", "2", "10 20", "10", "20"],
            "constant": ["3 4", "3", "4"],
        },
    ),
]
