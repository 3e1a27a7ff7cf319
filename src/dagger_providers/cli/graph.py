"""Draw a pipeline as text that other tools turn into a picture."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping

from dagger_providers.dsl.documents import seen_from, write_yaml
from dagger_providers.errors import UsageError, one_line
from dagger_providers.model import DAG, dumps
from dagger_providers.planning import plan
from dagger_providers.planning.outline import outline_of
from dagger_providers.planning.picture import Arrow, Frame, Node, Part, Picture, picture


def draw(dag: DAG, format_: str, *, root: str | None = None) -> str:
    """Return a pipeline as Mermaid, Graphviz DOT, SVG drawn by Graphviz, or as a document.

    Args:
        dag: The pipeline.
        format_: How it is written.
        root: The folder that its references to files are relative to. In a document they are
            relative to the current folder.

    Raises:
        UsageError: Graphviz is not installed, for SVG.
    """
    if root is not None and format_ in {"json", "yaml"}:
        dag = seen_from(dag, os.getcwd(), root)  # noqa: PTH109
    match format_:
        case "json":
            return dumps(dag)
        case "yaml":
            return write_yaml(dag)
        case "mermaid":
            return "\n".join(_mermaid(_picture(dag)))
        case "svg":
            return _svg("\n".join(_dot(_picture(dag))))
        case _:
            return "\n".join(_dot(_picture(dag)))


def _picture(dag: DAG) -> Picture:
    return picture(outline_of(dag, plan(dag)))


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


_MERMAID_NODES = {
    "task": '{}["{}"]',
    "parameter": '{}(["{}"])',
    "artifact": '{}[("{}")]',
    "switch": '{}{{"{}"}}',
    "hook": '{}[/"{}"/]',
}
_MERMAID_ARROWS = {
    "data": "-->",
    "case": "-->",
    "parameter": "-.->",
    "turn": "-.->",
    "after": "-.->",
    "hook": "-.->",
}
_MERMAID_CLASSES = {
    "loop": "stroke-dasharray: 5 5",
    "case": "fill: #fffaf0",
    "guard": "stroke-dasharray: 2 2",
    "container": "fill: #eef3f8",
    "pipeline": "fill: none",
}


def _mermaid(drawn: Picture) -> Iterator[str]:
    yield "flowchart LR"
    yield from _mermaid_parts(drawn.parts, "  ")
    for arrow in drawn.arrows:
        label = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label else ""
        yield f"  {arrow.source} {_MERMAID_ARROWS[arrow.kind]}{label} {arrow.target}"
    frames = list(_frames(drawn.parts))
    for kind, style in _MERMAID_CLASSES.items():
        ids = [frame.id for frame in frames if frame.kind == kind]
        if ids:
            yield f"  classDef {kind} {style}"
            yield f"  class {','.join(ids)} {kind}"


def _mermaid_parts(parts: Iterable[Part], indent: str) -> Iterator[str]:
    for part in parts:
        text = _mermaid_text(part.label)
        if isinstance(part, Node):
            yield indent + _MERMAID_NODES[part.kind].format(part.id, text)
        else:
            yield f'{indent}subgraph {part.id}["{text}"]'
            yield from _mermaid_parts(part.parts, f"{indent}  ")
            yield f"{indent}end"


def _mermaid_text(text: str) -> str:
    return text.replace("#", "#35;").replace('"', "#quot;")


def _frames(parts: Iterable[Part]) -> Iterator[Frame]:
    for part in parts:
        if isinstance(part, Frame):
            yield part
            yield from _frames(part.parts)


_DOT_NODES = {
    "task": 'shape=box, style="rounded,filled", fillcolor=white',
    "parameter": "shape=ellipse",
    "artifact": "shape=cylinder",
    "hook": "shape=parallelogram",
    "switch": "shape=diamond, style=filled, fillcolor=white, margin=0.05",
}
_DOT_FRAMES = {
    "loop": 'style="rounded,dashed", color=gray40',
    "case": 'style="rounded,filled", color=gray60, fillcolor="#fffaf0"',
    "guard": 'style="rounded,dotted", color=gray40',
    "container": 'style="rounded,filled", color="#8fa8c0", fillcolor="#eef3f8"',
    "pipeline": "style=rounded, color=gray40",
}
_DOT_ARROWS = {
    "data": "",
    "case": "",
    "parameter": "style=dashed, color=gray40",
    "turn": "style=dashed, constraint=false",
    "after": "style=dotted",
    "hook": "style=dashed",
}


def _dot(drawn: Picture) -> Iterator[str]:
    yield "digraph pipeline {"
    yield "  rankdir=LR; compound=true; fontname=Helvetica; fontsize=11;"
    yield "  node [fontname=Helvetica, fontsize=12]; edge [fontname=Helvetica, fontsize=10];"
    yield from _dot_parts(drawn.parts, "  ")
    frames = {frame.id: frame for frame in _frames(drawn.parts)}
    for arrow in drawn.arrows:
        yield f"  {_dot_arrow(arrow, frames)};"
    yield "}"


def _dot_parts(parts: Iterable[Part], indent: str) -> Iterator[str]:
    for part in parts:
        label = f"label={_dot_text(part.label)}"
        if isinstance(part, Node):
            yield f"{indent}{part.id} [{label}, {_DOT_NODES[part.kind]}];"
        else:
            style = _DOT_FRAMES[part.kind].replace(", ", "; ")
            yield f"{indent}subgraph cluster_{part.id} {{"
            yield f"{indent}  {label}; {style};"
            yield from _dot_parts(part.parts, f"{indent}  ")
            yield f"{indent}}}"


def _dot_arrow(arrow: Arrow, frames: Mapping[str, Frame]) -> str:
    """Return an edge: Graphviz draws one to a frame as one to a node in it that ends at its rim."""
    source, target, style = arrow.source, arrow.target, [_DOT_ARROWS[arrow.kind]]
    if arrow.label:
        style.append(f"label={_dot_text(arrow.label)}")
    if source in frames:
        style.append(f"ltail=cluster_{source}")
        *_, last = frames[source].nodes()
        source = last.id
    if target in frames:
        style.append(f"lhead=cluster_{target}")
        target = next(frames[target].nodes()).id
    return f"{source} -> {target} [{', '.join(filter(None, style))}]"


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
