"""A loop whose results a task reads as a list, in a pipeline that hands the list on."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "critical/collected_parameters"
CONTAINERS = (5, 5)
DIFFERS = "a nested pipeline is no unit of order: tasks wait only for what they read of it"


@task
def split(ids: str) -> list[str]:
    return ids.split(",") if ids else []


@task
def prepend(content: str) -> str:
    return f"model_{content}"


@task
def consume(ids: list[str]) -> str:
    return " ".join(ids)


@task
def consume_one(one: str) -> str:
    return one.upper()


@dag
def collecting(ids: str = ""):
    prepended, each = [], []
    for one in split(ids):
        found = prepend(one)
        prepended.append(found)
        each.append(consume_one(found))
    return {"ids": prepended, "each": each, "inside": consume(prepended)}


@dag
def collected_parameters(ids: str = "s1,s2"):
    found = collecting(ids)
    return {"outside": consume(found["ids"]), "inside": found["inside"], "each": found["each"]}


PIPELINE = collected_parameters
RUNS = [
    Run(
        gives={
            "outside": "model_s1 model_s2",
            "inside": "model_s1 model_s2",
            "each": ["MODEL_S1", "MODEL_S2"],
        }
    ),
    Run({"ids": ""}, {"outside": "", "inside": "", "each": []}),
]
