"""A parameter, and what a task outside gives, read in loops beside their items."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_with_parallelfor_pipeline_param"
CONTAINERS = (7, 4)
AT_A_TIME = "a limit is one of a task: a loop in which only a loop stands has none of its own"


@task
def join(prefix: str, item: str) -> str:
    return f"{prefix}: {item}"


@task
def make_prefix() -> str:
    return "made"


@dag
def nested(outer: list[str], inner: list[str], prefix: str):
    return [[join.options(concurrency=2)(prefix, item) for item in inner] for _ in outer]


@dag
def pipeline_with_parallelfor_pipeline_param(prefix: str, items: list[str]):
    made = make_prefix()
    return {
        "given": [join.options(concurrency=1)(prefix, item) for item in items],
        "made": [join(made, item) for item in items],
        "nested": nested(["x", "y"], items, prefix),
    }


PIPELINE = pipeline_with_parallelfor_pipeline_param
RUNS = [
    Run(
        {"prefix": "p", "items": ["1", "2"]},
        {
            "given": ["p: 1", "p: 2"],
            "made": ["made: 1", "made: 2"],
            "nested": [["p: 1", "p: 2"], ["p: 1", "p: 2"]],
        },
    ),
]
