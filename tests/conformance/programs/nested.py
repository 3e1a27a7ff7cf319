"""One pipeline called twice in another, each result read by its keys."""

from dagger_providers import dag, task

DRAWING = "greeting(style) x 2 -> both"


@task
def decorate(name: str, style: str) -> dict[str, str]:
    return {"text": style.format(name), "name": name}


@task
def both(one: str, two: str, names: list[str]) -> str:
    return f"{one} {two} {names}"


@dag
def greeting(name: str, style: str = "<{}>"):
    found = decorate(name, style)
    return {"text": found["text"], "name": found["name"], "style": style}


@dag
def nested(style: str = "*{}*"):
    one = greeting("ann", style)
    two = greeting("bob")
    return {
        "both": both(one["text"], two["text"], [one["name"], two["name"]]),
        "styles": [one["style"], two["style"]],
    }


PIPELINE = nested
RUNS = [
    ({}, {"both": "*ann* <bob> ['ann', 'bob']", "styles": ["*{}*", "<{}>"]}),
    ({"style": "{}!"}, {"both": "ann! <bob> ['ann', 'bob']", "styles": ["{}!", "<{}>"]}),
]
