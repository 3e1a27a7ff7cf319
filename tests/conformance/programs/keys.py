"""Parts of a mapping, by key and by position, also nested."""

from dagger_providers import dag, task

DRAWING = 'describe["name"], describe["size"]["width"], describe["tags"][1] -> join'


@task
def describe(name: str) -> dict[str, object]:
    return {"name": name, "size": {"width": 3, "height": 0.5}, "tags": ["a", "b"]}


@task
def join(name: str, width: int, tag: str) -> str:
    return f"{name}/{width}/{tag}"


@dag
def keys(name: str):
    found = describe(name)
    joined = join(found["name"], found["size"]["width"], found["tags"][1])
    return {"joined": joined, "size": found["size"], "height": found["size"]["height"]}


PIPELINE = keys
RUNS = [({"name": "box"}, {"joined": "box/3/b", "size": {"width": 3, "height": 0.5}, "height": 0.5})]
