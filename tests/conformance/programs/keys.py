"""Parts of a mapping, by key and by position, also nested."""

from typing import Any

from dagger_providers import dag, task

DRAWING = 'describe["name"], describe["size"]["width"], describe["tags"][-1] -> join'


@task
def describe(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "size": {"width": 3, "height": 0.5},
        "tags": ["a", "b"],
        "odd key/ü": None,
    }


@task
def join(name: str, width: int, tag: str, last: str, odd: None) -> str:
    return f"{name}/{width}/{tag}/{last}/{odd}"


@dag
def keys(name: str):
    found = describe(name)
    joined = join(
        found["name"],
        found["size"]["width"],
        found["tags"][0],
        found["tags"][-1],
        found["odd key/ü"],
    )
    return {"joined": joined, "size": found["size"], "height": found["size"]["height"]}


PIPELINE = keys
RUNS = [
    (
        {"name": "box"},
        {"joined": "box/3/a/b/None", "size": {"width": 3, "height": 0.5}, "height": 0.5},
    )
]
