"""A loop over a parameter: no item, one, several."""

from dagger_providers import dag, task

DRAWING = "carriers -> [name] -> join"


@task
def name(carrier: str) -> str:
    return carrier.lower()


@task
def join(names: list[str]) -> str:
    return ",".join(names) or "nobody"


@dag
def map_parameter(carriers: list[str] = ["AA", "UA"]):  # noqa: B006 - never changed
    names = []
    for carrier in carriers:
        names.append(name(carrier))
    return join(names)


PIPELINE = map_parameter
RUNS = [({"carriers": []}, "nobody"), ({"carriers": ["DL"]}, "dl"), ({}, "aa,ua")]
