"""Branches that name their arguments differently; the result is read whole, by part, and walked."""

from dataclasses import dataclass
from typing import Any

from dagger_providers import dag, switch, task

DRAWING = 'look["kind"] -> (wide | deep, with a literal) -> whole, ["rows"], [each row], .total'


@dataclass
class Report:
    total: int
    kind: str


@task
def look(n: int) -> dict[str, Any]:
    return {"kind": "wide" if n < 3 else "deep", "n": n}


@task
def wide(size: int, by: int, *, label: str) -> dict[str, Any]:
    return {"rows": [size * by] * size, "label": label}


@task
def deep(depth: int, times: int, label: str = "?") -> dict[str, Any]:
    return {"rows": list(range(depth * times)), "label": label.upper(), "more": None}


@task
def wide_report(rows: list[int]) -> Report:
    return Report(sum(rows), "wide")


@task
def deep_report(values: list[int]) -> Report:
    return Report(max(values), "deep")


@task
def show(value: Any) -> str:
    return repr(value)


@dag
def switch_parts(n: int):
    found = look(n)
    made = switch(found["kind"], {"wide": wide, "deep": deep})(found["n"], 2, label="x")
    report = switch(found["kind"], {"wide": wide_report, "deep": deep_report})(made["rows"])
    return {
        "whole": made,
        "shown": show(made),
        "first": show(made["rows"][0]),
        "each": [show(row) for row in made["rows"]],
        "report": report,
        "total": show(report.total),
    }


PIPELINE = switch_parts
RUNS = [
    (
        {"n": 1},
        {
            "whole": {"rows": [2], "label": "x"},
            "shown": "{'rows': [2], 'label': 'x'}",
            "first": "2",
            "each": ["2"],
            "report": Report(2, "wide"),
            "total": "2",
        },
    ),
    (
        {"n": 3},
        {
            "whole": {"rows": [0, 1, 2, 3, 4, 5], "label": "X", "more": None},
            "shown": "{'rows': [0, 1, 2, 3, 4, 5], 'label': 'X', 'more': None}",
            "first": "0",
            "each": ["0", "1", "2", "3", "4", "5"],
            "report": Report(5, "deep"),
            "total": "5",
        },
    ),
]
