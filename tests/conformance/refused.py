"""Pipelines that do not mean what they seem to, each with what its refusal must say."""

from __future__ import annotations

from typing import Any

from dagger_providers import artifact, dag, loop, switch, task


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def total(values: list[int]) -> int:
    return sum(values)


@task
def anything(value: Any) -> Any:
    return value


@task
def turn(x: int) -> dict[str, Any]:
    return {"x": x, "done": True}


@dag
def fold(xs: list[int]):
    result = add(0, 0)
    for x in xs:
        result = add(result, x)
    return result


@dag
def last_item(xs: list[int]):
    found = [add(x, 1) for x in xs]
    return found[-1]


@dag
def loop_variable(xs: list[int]):
    for x in xs:
        found = add(x, 1)
    return found


@dag
def enumerated(xs: list[int]):
    return total([add(x, number) for number, x in enumerate(xs)])


@dag
def counted(xs: list[int]):
    found = [add(x, 1) for x in xs]
    return add(len(found), 0)


@dag
def neighbours(xs: list[int]):
    found = [add(x, 1) for x in xs]
    return total([add(x, y) for x, y in zip(found, found[1:], strict=False)])  # noqa: RUF007


@dag
def in_step(xs: list[int], ys: list[int]):
    pairs = list(zip([add(x, 1) for x in xs], [add(y, 2) for y in ys], strict=False))
    return {"xs": total([x for x, _ in pairs]), "ys": total([y for _, y in pairs])}


@dag
def branch(n: int):
    found = add(n, 1)
    if found:
        return add(found, 1)
    return found


@dag
def comparison(n: int):
    return anything(add(n, 1) == 2)


@dag
def arithmetic(n: int):
    return add(add(n, 1) + 1, 2)


@dag
def formatted(n: int):
    return anything(f"{add(n, 1)}")


@dag
def filtered(xs: list[int]):
    return total([x for x in numbers(3) if x])


@dag
def broken_off(xs: list[int]):
    for x in xs:
        add(x, 1)
        break
    return add(1, 1)


@dag
def a_tuple(n: int):
    return add(n, 1), add(n, 2)


@dag
def a_set(n: int):
    return anything({add(n, 1)})


@dag
def in_a_mapping(n: int):
    return anything({"n": add(n, 1)})


@dag
def not_a_number(n: int):
    return anything(float("nan"))


@dag
def unknown_argument(n: int):
    return add(n, z=1)


@dag
def missing_argument(n: int):
    return add(n)


@dag
def two_of_a_name(n: int):
    first = add.options(name="same")(n, 1)
    return add.options(name="same")(first, 2)


@dag
def no_tasks(n: int):
    return n


@dag
def calls_itself(n: int):
    return calls_itself(n)


@dag
def unpacked(xs: list[int]):
    first, second = numbers(2)
    return add(first, second)


@dag
def wrong_type(n: int):
    return total(add(n, 1))


@dag
def plain_branch(n: int):
    return switch(n, {1: abs}, default=total)([n])


@dag
def uncalled_switch(n: int):
    return anything(switch(n, {1: add}))


@dag
def asks_a_branch(n: int):
    choose = switch(n, {1: anything})
    return add(n, 1) if choose(2) is None else n


@dag
def asks_the_turns(n: int):
    return add(n, 1) if loop(turn)(1)["x"] else n


@dag
def endless(n: int):
    return loop(turn, max_iterations=n)(1)["x"]


@dag
def repeated_result(n: int):
    return loop(turn(n))(1)["x"]


@dag
def compared_artifact():
    words = artifact("s3://bucket/words.json")
    return anything(1 if words == ["a"] else 2)


@dag
def artifact_with_password():
    return anything(artifact("s3://me:secret@bucket/words.json"))


@dag
def artifact_of_no_kind():
    return anything(artifact("s3://bucket/words"))


@dag
def unknown_pickle():
    return anything(artifact("s3://bucket/model.pickle"))


@dag
def artifact_for_an_int():
    return add(artifact("s3://bucket/words.txt"), 1)


@dag
def artifact_at_a_parameter(uri: str):
    return anything(artifact(uri))


REFUSED = {
    fold: "carries a value from one item to the next",
    last_item: "select the item in a task",
    loop_variable: "a variable left over after the loop",
    enumerated: "enumerate",
    counted: "count in a task",
    neighbours: "in a task",
    in_step: "give the items of both to one task, or write one loop after the other",
    branch: "decide in a task",
    comparison: "compare in a task",
    arithmetic: "do it in a task",
    formatted: "format it in a task",
    filtered: "decide in a task",
    broken_off: "select the items in a task",
    a_tuple: "return a list, or a mapping of names",
    a_set: "use a list",
    in_a_mapping: "a dict that holds results is no argument",
    not_a_number: "JSON has no nan",
    unknown_argument: "no argument 'z'; it takes (x, y)",
    missing_argument: "argument y is missing",
    two_of_a_name: "several nodes are named 'same'",
    no_tasks: "calls no task",
    calls_itself: "calls itself",
    wrong_type: "takes list[int], but the result of node 'add' is int; give it in a list",
    unpacked: "it unpacks or pairs them",
    plain_branch: "must be a task or a pipeline, not function 'abs'",
    uncalled_switch: "is not called yet; write switch(...)(arguments)",
    asks_a_branch: "an if expression looks at a result",
    asks_the_turns: "an if expression looks at a result",
    endless: "max_iterations is an int from 1, known when the pipeline is built",
    repeated_result: "its body must be a task or a pipeline, not a result",
    compared_artifact: "an if expression looks at a result",
    artifact_with_password: "'s3://...@bucket/words.json': its URI holds a user and password",
    artifact_of_no_kind: "nothing says how it is written",
    unknown_pickle: "is a pickle, and reading one runs the code in it: give sha256=...",
    artifact_for_an_int: "takes int, but artifact 's3://bucket/words.txt' is str",
    artifact_at_a_parameter: "its URI is known when the pipeline is built, and <reference to",
}
