"""Pipelines for KFP's local engine: small, deterministic, of every shape."""

from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from dagger_providers import dag, switch, task


class Color(Enum):
    RED = "r"
    BLUE = "b"


@task
def names(source: str, n: int) -> list[str]:
    return [f"{source}{i}" for i in range(n)]


@task
def clean(name: str, source: str) -> str:
    return f"{name}/{source}"


@task
def fit(row: str) -> dict[str, str]:
    return {"row": row}


@task
def best(models: list[dict[str, str]]) -> list[str]:
    return [model["row"] for model in models]


@task
def upper(text: str) -> str:
    return text.upper()


@task
def join(texts: list[str]) -> str:
    return "+".join(texts)


@task
def letters(word: str) -> list[str]:
    return list(word)


@task
def fail_at(item: str, bad: str) -> str:
    if item == bad:
        raise ValueError(f"no {item} today")
    return item


@task
def show(value: Any) -> str:
    return repr(value)


@task
def show_typed(ratio: float, color: Color, day: date, maybe: int | None) -> str:
    return f"{ratio!r} {color.name} {day:%d.%m.%Y} {maybe!r}"


@dag
def linear(text: str = "a"):
    """Twice the same task."""
    return upper(upper(text))


@dag
def row(text: str = "a"):
    """Four times the same task, three of them alike."""
    return upper.options(name="last")(upper(upper(upper(text))))


@dag
def fan_in(a: str, b: str):
    return join([upper(a), upper(b), b])


@dag
def mapped(source: str, n: int = 3):
    """Names, two steps for each, and all of them together."""
    models = []
    for name in names(source, n):
        models.append(fit(clean(name, source)))
    return best(models)


@dag
def over_parameter(words: list[str]):
    return join([upper(word) for word in words])


@dag
def inner_loop(items: list[str]):
    return join([upper(item) for item in items])


@dag
def named_alike(words: list[str]):
    return upper(inner_loop(words))


@dag
def nested(words: list[str]):
    lines = []
    for word in words:
        marks = []
        for letter in letters(word):
            marks.append(upper(letter))
        lines.append(join(marks))
    return join(lines)


@dag
def in_each_other(source: str, n: int):
    """As nested, but nothing in the inner loop reads a parameter: the SDK hands none on to it."""
    lines = []
    for word in names(source, n):
        marks = [upper(letter) for letter in letters(word)]
        lines.append(join(marks))
    return join(lines)


@task
def kind(letter: str) -> str:
    return "vowel" if letter in "aeiou" else "other"


@dag
def spelled(word: str):
    return join([switch(kind(c), {"vowel": upper}, default=twice)(c) for c in letters(word)])


@task
def twice(text: str) -> str:
    return text * 2


@dag
def sorted_out(words: list[str], source: str = "s"):
    """Loops and switches in each other, and a list read in a loop that does not make it."""
    others = names(source, 2)
    found = []
    for word in words:
        found.append(switch(kind(word), {"vowel": upper}, default=spelled)(word))
        found += [join([word, other]) for other in others]
    return join(found)


@dag
def louder(word: str, mode: Literal["once", "twice"]):
    return switch(mode, {"once": upper, "twice": twice})(word)


@dag
def chosen(
    words: list[str],
    how: str = "plain",
    level: int = 0,
    color: Color = Color.RED,
    mode: Literal["once", "twice"] = "once",
    loud: bool = False,
):
    """Every branch by a parameter, also of a pipeline in a branch in a loop."""
    return {
        "how": switch(how, {"up": upper, "third, or so": twice}, default=show, name="how")("a"),
        "level": switch(level, {1: upper, -1: twice}, default=show, name="level")("b"),
        "color": switch(color, {"r": upper, Color.BLUE: twice}, name="color")("c"),
        "each": [
            switch(loud, {True: louder, False: clean}, name="each")(word, mode) for word in words
        ],
    }


@dag
def again(source: str, n: int):
    """A loop over another loop's results, and a pipeline called in a pipeline."""
    first = [upper(name) for name in names(source, n)]
    second = [upper(text) for text in first]
    return {"all": join(second), "inner": linear(join(first))}


@dag
def failing(words: list[str], bad: str):
    return join([fail_at(word, bad) for word in words])


@task(runtime_options={"kfp": {"infrastructure_retries": 1, "display_name": "Second luck"}})
def second_luck(folder: str) -> str:
    marker = Path(folder) / "marker"
    if not marker.exists():
        marker.write_text("")
        raise RuntimeError("the first time")
    return "done"


@dag
def lucky(folder: str):
    return upper(second_luck(folder))


class Model(BaseModel):
    count: int


@dag
def described(
    *,
    count: int,
    plain: float,
    color: Color | None = None,
    day: date | None = None,
    when: date | str = "x",
    models: list[Model] = [],  # noqa: B006 - never changed
    colors: list[Color] = [Color.RED],  # noqa: B006 - never changed
    mixed: Literal["a", 1] = "a",
    mode: Literal["a", "b"] = "a",
    took: timedelta = timedelta(1),
):
    """Show.

    Args:
        count: How many
            there are.
        color: Which one.
        mode: How fast it is.
    """
    return show([color, day, when, models, colors, mixed, mode, took, count, plain])


@dag
def typed(
    *,
    text: str,
    number: int,
    ratio: float,
    flag: bool,
    values: list[Any],
    mapping: dict[str, Any],
    color: Color = Color.BLUE,
    mode: Literal["fast", "slow"] = "fast",
    maybe: int | None = None,
    day: date = date(2026, 1, 2),
):
    return {
        "text": show(text),
        "number": show(number),
        "flag": show(flag),
        "values": show(values),
        "mapping": show(mapping),
        "mode": show(mode),
        "typed": show_typed(ratio, color, day, maybe),
    }


@task
def invert(number: int) -> float:
    return 1 / number


@task
def gather(values: list[float]) -> list[float]:
    return values


@task
def hear(record: dict) -> None:
    assert record["parameters"]["numbers"]


@task
def break_(record: dict) -> None:
    raise RuntimeError("a hook broke")


@dag(on_success=hear, on_failure=hear, on_exit=hear)
def hooked(numbers: list[int]):
    return gather([invert(number) for number in numbers])


@dag(on_success=break_, on_exit=hear)
def hook_fails(numbers: list[int]):
    return gather([invert(number) for number in numbers])


@dag
def in_pods(text: str = "a"):
    return upper.options(runtime_options={"kubernetes": {"node_selector": {"disk": "ssd"}}})(text)
