"""Show the steps of a plan as a target will see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Refusal
from dagger_providers.planning.lowering import InnerView, StepView, lowering_of, step_views

_HEAD = ("step", "runs", "as", "needs")


def steps_as_json(lowered: Plan, target: str, refused: Sequence[Refusal]) -> dict[str, Any]:
    """Return a plan as JSON data, with what the target refuses of it."""
    return {
        "pipeline": lowered.name,
        "target": target,
        "lowering": lowering_of(lowered, target),
        "steps": [
            {
                "address": view.address,
                "function": view.function or None,
                "runs": view.runs,
                "over": list(view.over),
                "needs": list(view.needs),
                "lowering": view.lowering,
                "inserted": view.inserted or None,
                "inside": list(map(_inner_as_json, view.inside)),
            }
            for view in step_views(lowered, target)
        ],
        "refused": [{"rule": found.rule.id, "what": found.what} for found in refused],
    }


def _inner_as_json(view: InnerView) -> dict[str, Any]:
    return {
        "address": view.address,
        "function": view.function or None,
        "runs": view.runs,
        "over": list(view.over),
        "inside": list(map(_inner_as_json, view.inside)),
    }


def print_steps(lowered: Plan, target: str, refused: Sequence[Refusal], out: TextIO) -> None:
    """Print a plan as a table: with colours on a terminal, as plain text elsewhere."""
    views = step_views(lowered, target)
    out.write(f"{lowered.name} on {target}: {lowering_of(lowered, target)}\n")
    if out.isatty():
        _print_rich(views, out)
    else:
        out.write(_plain(list(map(_row, views))))
    for view in views:
        if view.inserted:
            out.write(f"{view.address} was inserted: it {view.inserted}\n")
        if view.inside:
            told = ", ".join(_addresses(view.inside))
            out.write(f"{view.address} is one container of: {told}\n")
    for found in refused:
        out.write(f"refused by {found} [{found.rule.id}]\n")


def _addresses(views: Sequence[InnerView]) -> Iterator[str]:
    for view in views:
        yield view.address
        yield from _addresses(view.inside)


def _row(view: StepView) -> tuple[str, ...]:
    return view.address, view.runs, view.lowering, ", ".join(view.needs) or "-"


def _plain(rows: Sequence[Sequence[str]]) -> str:
    table = [_HEAD, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    lines = (
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
    return "".join(f"{line}\n" for line in lines)


def _print_rich(views: Sequence[StepView], out: TextIO) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE)
    for name in _HEAD:
        table.add_column(name, no_wrap=name == "step", overflow="fold")
    for view in views:
        table.add_row(*map(Text, _row(view)), style="dim" if view.inserted else None)
    Console(file=out).print(table)
