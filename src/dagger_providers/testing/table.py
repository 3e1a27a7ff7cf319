"""Show a comparison of runtimes, as a table for people or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dagger_providers.testing.cells import Cell
from dagger_providers.testing.values import json_or_none

_MARKS = {
    "equal": "equal",
    "equal_value": "equal value",
    "different": "DIFFERENT",
    "refused": "refused",
    "failed": "FAILED",
}
_SHA = 12


def to_json(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Return a list with an object for each pipeline and runtime."""
    return [
        {
            "pipeline": cell.pipeline,
            "runtime": cell.runtime,
            "status": cell.status,
            "reason": cell.reason,
            "lowering": cell.lowering,
            "engine": cell.engine,
            "seconds": round(cell.seconds, 3),
            "outputs": {
                name: {"sha256": output.sha256, "value": json_or_none(output.value)}
                for name, output in cell.outputs.items()
            },
        }
        for cell in cells
    ]


def is_difference(cell: Cell) -> bool:
    """Say whether a cell is worse than equal; that a document has no plain call is not."""
    return cell.status not in {"equal", "equal_value"} and not _no_plain_call(cell)


def _no_plain_call(cell: Cell) -> bool:
    return (cell.runtime, cell.status) == ("plain", "refused")


def render(cells: Sequence[Cell]) -> str:
    """Return a table: a row for each output, a column for each runtime, then the seconds."""
    blocks = []
    for pipeline in dict.fromkeys(cell.pipeline for cell in cells):
        own = [cell for cell in cells if cell.pipeline == pipeline]
        blocks.append(_block(pipeline, own))
    return "\n\n".join(blocks)


def _block(pipeline: str, cells: Sequence[Cell]) -> str:
    names = dict.fromkeys(name for cell in cells for name in cell.outputs)
    rows = [["output", *(cell.runtime for cell in cells), "equal"]]
    for name in names:
        shas = [cell.outputs[name].sha256 if name in cell.outputs else "-" for cell in cells]
        compared = {sha for sha, cell in zip(shas, cells, strict=True) if not _no_plain_call(cell)}
        equal = "yes" if len(compared) == 1 else "NO"
        rows.append([name, *(sha[:_SHA] for sha in shas), equal])
    rows.append(["status", *(_MARKS[cell.status] for cell in cells), ""])
    rows.append(["seconds", *(f"{cell.seconds:.2f}" for cell in cells), ""])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    reasons = [f"  {c.runtime}: {c.reason}" for c in cells if c.reason]
    engines = [f"  {c.runtime}: {c.engine}; {c.lowering}" for c in cells if c.engine]
    return "\n".join([pipeline, lines[0], rule, *lines[1:], *reasons, *engines])
