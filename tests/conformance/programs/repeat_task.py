"""A task repeated until it is done: at once, after some turns, or as long as it may."""

from typing import Any

from dagger_providers import dag, loop, task

DRAWING = "start -> (refine: again and again) -> show, whole, part; at most 2 turns"


@task
def refine(value: int, goal: int, step: int = 1, *, notes: list[str]) -> dict[str, Any]:
    """Go on to the goal; every other turn says nothing of its step and its notes."""
    if value % 2:
        return {"value": value + 1, "done": value + 1 >= goal}
    notes = [*notes, f"{value}+{step}"]
    found = {"value": value + step, "done": value + step >= goal, "notes": notes}
    return found | {"step": step + 1}


@task
def halve(x: int) -> dict[str, Any]:
    return {"x": x // 2, "small": x < 4}


@task
def show(value: int, text: Any) -> str:
    return f"{value} {text}"


@dag
def repeat_task(start: int, goal: int):
    found = loop(refine)(start, goal, notes=["began"])
    short = loop(halve, until="small", max_iterations=2, exhausted="return")(start)
    return {
        "shown": show(found["value"], found),
        "whole": found,
        "short": short["x"],
        "size": short["small"],
    }


PIPELINE = repeat_task
RUNS = [
    (
        {"start": 3, "goal": 0},
        {
            "shown": "4 {'value': 4, 'done': True}",
            "whole": {"value": 4, "done": True},
            "short": 1,
            "size": True,
        },
    ),
    (
        {"start": 40, "goal": 50},
        {
            "shown": ...,
            "whole": {
                "value": 52,
                "done": True,
                "notes": ["began", "40+1", "42+2", "44+3", "48+4"],
                "step": 5,
            },
            "short": 10,
            "size": False,
        },
    ),
]
