"""Optional inputs of a nested pipeline: given ones win, the others have their defaults."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "parallel_and_nested/nested_pipeline_opt_input_child_level"
CONTAINERS = (6, 6)


@task
def text(value: str | None = None) -> str | None:
    return value


@task
def number(value: int | None = None) -> int | None:
    return value


@task
def flag(value: bool | None = None) -> bool | None:
    return value


@dag
def nested(
    text_1: str = "default 1",
    text_2: str = "default 2",
    number_1: int = 0,
    number_2: int = 0,
    flag_1: bool = False,
    flag_2: bool = False,
):
    return {
        "texts": [text(text_1), text(text_2)],
        "numbers": [number(number_1), number(number_2)],
        "flags": [flag(flag_1), flag(flag_2)],
    }


@dag
def nested_pipeline_opt_input_child_level():
    found = nested(text_1="given", number_1=1, flag_1=True)
    return {"texts": found["texts"], "numbers": found["numbers"], "flags": found["flags"]}


PIPELINE = nested_pipeline_opt_input_child_level
RUNS = [Run(gives={"texts": ["given", "default 2"], "numbers": [1, 0], "flags": [True, False]})]
