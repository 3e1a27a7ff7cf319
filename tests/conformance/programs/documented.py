"""Docstrings, and assets that only Airflow knows: they change nothing that a run gives."""

from dagger_providers import dag, task

DRAWING = "learn -> (outlet) -> show"


@task(
    runtime_options={
        "airflow": {"outlets": {"return_value": "s3://lake/model"}, "inlets": ["s3://lake/raw"]}
    }
)
def learn(n: int) -> dict[str, int]:
    """Learn a model.

    Args:
        n: How much.

    Returns:
        Its weights, with a "quote", a {{ template }} and an ä.
    """
    return {"weight": n}


@task
def show(model: dict[str, int]) -> str:
    """Show a model in one line."""
    return str(model)


@dag
def documented(n: int = 2):
    """Learn and show.

    Args:
        n: How much to learn.
    """
    return show(learn(n))


PIPELINE = documented
RUNS = [({"n": 3}, "{'weight': 3}")]
