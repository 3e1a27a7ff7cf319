"""The picture of a pipeline with its places, as the JSON that the front-end draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dagger_providers.airflow.plugin.layout import Layout, layout, shown_label, shown_title
from dagger_providers.planning.outline import Outline
from dagger_providers.planning.picture import Arrow, Frame, Part, picture

LARGEST = 2000
"""Nodes above which a pipeline is listed and not drawn."""


def drawing(outline: Outline) -> dict[str, Any]:
    """Return what the front-end draws.

    ``nodes`` and ``frames`` say where they stand, and by which ``task`` of Airflow's their state is
    known; ``arrows`` go through ``points``. Of a pipeline of too many nodes there are only nodes,
    without places.
    """
    parts = picture(outline)
    count = sum(1 for _ in _nodes(parts.parts))
    if count > LARGEST:
        listed = [node for part in parts.parts for node in _listed(part, outline)]
        return {"name": outline.name, "drawn": False, "nodes": listed, "frames": [], "arrows": []}
    placed = layout(parts)
    nodes: list[dict[str, Any]] = []
    frames: list[dict[str, Any]] = []
    for part in parts.parts:
        _add(part, outline, placed, nodes, frames)
    ways = zip(parts.arrows, placed.ways, strict=True)
    return {
        "name": outline.name,
        "drawn": True,
        "width": placed.width,
        "height": placed.height,
        "nodes": nodes,
        "frames": frames,
        "arrows": [_arrow(arrow, points) for arrow, points in ways],
    }


def _nodes(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Frame):
            yield from part.nodes()
        else:
            yield part


def _add(
    part: Part,
    outline: Outline,
    placed: Layout,
    nodes: list[dict[str, Any]],
    frames: list[dict[str, Any]],
) -> None:
    box = placed.boxes[part.id]
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    if not isinstance(part, Frame):
        nodes.append({**_node(part, outline), **place})
        return
    frames.append({
        "id": part.id,
        "kind": part.kind,
        "label": shown_title(part),
        "name": part.name,
        "task": _task_of_frame(part, outline),
        **place,
    })  # fmt: skip
    for inner in part.parts:
        _add(inner, outline, placed, nodes, frames)


def _listed(part: Part, outline: Outline) -> Iterator[dict[str, Any]]:
    for node in part.nodes() if isinstance(part, Frame) else (part,):
        yield _node(node, outline)


def _node(node: Any, outline: Outline) -> dict[str, Any]:
    is_run = node.kind in {"task", "hook"}
    card = outline.cards[node.address] if is_run else None
    return {
        "id": node.id,
        "kind": node.kind,
        "label": shown_label(node),
        "address": node.address,
        "task": outline.owners.get(node.address, node.address),
        "mapped": bool(card and card.within),
    }


def _task_of_frame(frame: Frame, outline: Outline) -> str:
    """Return the task that tells of a frame: what lists its items, or what has one container."""
    if frame.kind == "container":
        return outline.owners.get(frame.name, frame.name)
    for space, task in outline.emitters.items():
        if space[-1] == frame.name:
            return task
    return ""


def _arrow(arrow: Arrow, points: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    return {
        "source": arrow.source,
        "target": arrow.target,
        "kind": arrow.kind,
        "label": arrow.label,
        "points": [list(point) for point in points],
    }
