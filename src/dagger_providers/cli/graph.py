"""Draw a pipeline as text that other tools turn into a picture."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from dagger_providers.dsl.documents import write_yaml
from dagger_providers.errors import UsageError, one_line
from dagger_providers.model import DAG, dumps
from dagger_providers.planning import Plan, plan


def draw(dag: DAG, format_: str) -> str:
    """Return a pipeline as Mermaid, Graphviz DOT, SVG drawn by Graphviz, or as a document.

    Raises:
        UsageError: Graphviz is not installed, for SVG.
    """
    match format_:
        case "json":
            return dumps(dag)
        case "yaml":
            return write_yaml(dag)
        case "mermaid":
            return "\n".join(_mermaid(plan(dag)))
        case "svg":
            return _svg("\n".join(_dot(plan(dag))))
        case _:
            return "\n".join(_dot(plan(dag)))


def _svg(drawing: str) -> str:
    dot = shutil.which("dot")
    if dot is None:
        raise UsageError("--format svg needs Graphviz: install it, or use --format mermaid or dot")
    drawn = subprocess.run(  # noqa: S603 - Graphviz, found on PATH
        [dot, "-Tsvg"], input=drawing, capture_output=True, text=True, check=False
    )
    if drawn.returncode:
        raise UsageError(f"Graphviz failed: {one_line(drawn.stderr)}")
    return drawn.stdout


def _ids(lowered: Plan) -> dict[str, str]:
    drawn = (a for a, step in lowered.steps.items() if step.card.executes)
    return {address: f"n{number}" for number, address in enumerate(drawn)}


def _edges(lowered: Plan, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    for address, own in ids.items():
        seen: set[str] = set()
        for need in _real_needs(lowered, address, ids):
            if need not in seen:
                seen.add(need)
                yield ids[need], own


def _real_needs(lowered: Plan, address: str, ids: dict[str, str]) -> Iterator[str]:
    """Yield the drawn nodes before a node, looking through the steps that planning added."""
    for need in lowered.steps[address].needs:
        if need in ids:
            yield need
        else:
            yield from _real_needs(lowered, need, ids)


def _parameter_edges(lowered: Plan, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    for address, own in ids.items():
        for name in lowered.steps[address].parameters:
            yield name, own


def _mermaid(lowered: Plan) -> Iterator[str]:
    ids = _ids(lowered)
    yield "flowchart LR"
    for name in lowered.parameters:
        yield f'  p_{name}(["{name}"])'
    for number, group in enumerate(lowered.groups):
        members = [address for address in group.steps if address in ids]
        indent = "  "
        if group.space and members:
            yield f'  subgraph g{number}["for each of {", ".join(group.space)}"]'
            indent = "    "
        for address in members:
            yield f'{indent}{ids[address]}["{address}"]'
        if group.space and members:
            yield "  end"
    yield from (f'  h{n}[/"{hook.address}"/]' for n, hook in enumerate(lowered.hooks))
    for source, target in _edges(lowered, ids):
        yield f"  {source} --> {target}"
    for name, target in _parameter_edges(lowered, ids):
        yield f"  p_{name} -.-> {target}"


def _dot(lowered: Plan) -> Iterator[str]:
    ids = _ids(lowered)
    yield "digraph pipeline {"
    yield "  rankdir=LR; node [shape=box, style=rounded, fontname=Helvetica];"
    for name in lowered.parameters:
        yield f'  "p {name}" [label="{name}", shape=ellipse];'
    for number, group in enumerate(lowered.groups):
        members = [address for address in group.steps if address in ids]
        if group.space and members:
            title = f"for each of {', '.join(group.space)}"
            yield f'  subgraph cluster_{number} {{ label="{title}"; style=dashed;'
        for address in members:
            yield f'    {ids[address]} [label="{address}"];'
        if group.space and members:
            yield "  }"
    box = '  h{} [label="{}", shape=parallelogram];'
    yield from (box.format(n, hook.address) for n, hook in enumerate(lowered.hooks))
    for source, target in _edges(lowered, ids):
        yield f"  {source} -> {target};"
    for name, target in _parameter_edges(lowered, ids):
        yield f'  "p {name}" -> {target} [style=dashed];'
    yield "}"
