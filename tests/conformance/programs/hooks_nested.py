"""Hooks of nested pipelines: once for each item, and of the branch that ran."""

from typing import Any

from dagger_providers import dag, switch, task

DRAWING = "[for each row: (double -> add_one), its hooks] and a branch with hooks; then their own"


@task
def double(x: int) -> int:
    return 2 * x


@task
def add_one(x: int) -> int:
    return x + 1


@task
def add(values: list[int], other: int) -> int:
    return sum(values) + other


def done(items: int) -> dict[str, Any]:
    return {"status": "succeeded" if items else "skipped", "done": items, "items": items}


@task
def each_succeeded(record: dict[str, Any]) -> None:
    position = int(record["index"])
    assert record["parameters"] == {"x": [5, 7, 9][position]}, record
    assert record["pipeline"] == "each", record
    assert record["nodes"] == {"each.double": done(1), "each.add-one": done(1)}, record


@task
def never(record: dict[str, Any]) -> None:
    raise AssertionError(record)


@task
def branch_left(record: dict[str, Any]) -> None:
    assert record["nodes"] == {"switch.up.add-one": done(1)}, record
    assert (record["status"], record["index"], record["parameters"]) == ("succeeded", "", {}), (
        record
    )


@task
def all_succeeded(record: dict[str, Any]) -> None:
    assert record["status"] == "succeeded", record
    assert record["nodes"] == {
        "each.double": done(3),
        "each.add-one": done(3),
        "total": done(1),
        "switch.up.add-one": done(1),
        "switch.down.double": done(0),
        "each.on_success": done(3),
        "each.on_failure": done(0),
        "switch.up.on_exit": done(1),
        "switch.down.on_exit": done(0),
    }, record


@dag(on_success=each_succeeded, on_failure=never)
def each(x: int):
    return add_one(double(x))


@dag(on_exit=branch_left)
def up(x: int):
    return add_one(x)


@dag(on_exit=never)
def down(x: int):
    return double(x)


@dag(on_success=all_succeeded, on_failure=never)
def hooks_nested(xs: list[int], way: str):
    values = [each(x) for x in xs]
    total = add.options(name="total")(values, 0)
    return switch(way, {"up": up, "down": down})(total)


PIPELINE = hooks_nested
RUNS = [({"xs": [5, 7, 9], "way": "up"}, 46)]
REFUSED = {
    "argo": "exit handler is one of the whole workflow",
    "kfp": "exit handlers in the outermost pipeline only",
}
