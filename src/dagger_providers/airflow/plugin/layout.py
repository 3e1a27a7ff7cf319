"""Give the parts of a picture their places: layers from left to right, frames around their parts.

Each frame is laid out by itself, then takes its place as one box among those around it. An arrow
that leaves a frame has a port at the frame's rim, so that its way inside is laid out with the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dagger_providers.planning.picture import Arrow, Frame, Node, Picture

Point = tuple[float, float]

_LETTER, _SMALL_LETTER = 7.2, 6.6
_GIVEN = (40, 26)
"""The least size of what the run is given: a parameter, an artifact."""
_SIZES = {
    "task": (164, 48),
    "hook": (164, 48),
    "parameter": _GIVEN,
    "artifact": _GIVEN,
    "switch": (90, 40),
}
_ROOM = {"task": 40, "hook": 40, "parameter": 26, "artifact": 26, "switch": 34}
_WIDEST = 280
_GAP_X, _GAP_Y, _PORT_GAP = 52, 18, 20
_RIM, _TITLE, _TURN = 16, 30, 26
_SWEEPS = 6
_FAR = 12
"""An arrow over more layers than this goes straight: a way round costs more than it shows."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a part stands: its upper left corner and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where all parts of a picture stand, by their ids, and the way of each arrow.

    Attributes:
        width: Pixels.
        height: Pixels.
        boxes: The nodes and frames.
        ways: For each arrow, the points that it goes through.
    """

    width: float
    height: float
    boxes: Mapping[str, Box]
    ways: tuple[tuple[Point, ...], ...]


def layout(picture: Picture) -> Layout:
    """Return where the parts of a picture stand; the same for the same picture."""
    whole = Frame("", "", "container", list(picture.parts))
    paths: dict[str, tuple[str, ...]] = {}
    _walk(whole, (), paths)
    arrows = [a for a in picture.arrows if a.source != a.target or a.kind == "turn"]
    levels: dict[str, _Level] = {}
    top = _lay(whole, arrows, paths, levels)
    boxes: dict[str, Box] = {}
    _place(whole, 0.0, 0.0, levels, boxes)
    ways = tuple(_way(arrow, paths, levels, boxes) for arrow in picture.arrows)
    return Layout(top.width, top.height, boxes, ways)


def shown_label(node: Node) -> str:
    """Return what is written on a node: its own name, as frames say where it stands."""
    prefix = node.address.rpartition(".")[0]
    return node.label.removeprefix(f"{prefix}.") if prefix else node.label


def shown_title(frame: Frame) -> str:
    """Return what is written on a frame."""
    name = frame.name.rpartition(".")[2]
    if frame.kind == "loop":
        return f"for each of {name}"
    label = frame.label.replace(frame.name, name) if name else frame.label
    return label.removesuffix(", one container")


def _walk(frame: Frame, path: tuple[str, ...], paths: dict[str, tuple[str, ...]]) -> None:
    """Note the ids of the frames around each part, outermost first, and its own."""
    for part in frame.parts:
        paths[part.id] = (*path, part.id)
        if isinstance(part, Frame):
            _walk(part, (*path, part.id), paths)


@dataclass(slots=True)
class _Level:
    """What is known of the inside of one frame.

    Attributes:
        width: Of its content.
        height: Of its content.
        at: The centre of each part and port, inside the content.
        sizes: Their sizes.
        ways: The points between two of them that an arrow goes through.
    """

    width: float = 0.0
    height: float = 0.0
    at: dict[str, Point] = field(default_factory=dict)
    sizes: dict[str, Point] = field(default_factory=dict)
    ways: dict[tuple[str, str], list[Point]] = field(default_factory=dict)


def _lay(
    frame: Frame,
    arrows: Sequence[Arrow],
    paths: Mapping[str, tuple[str, ...]],
    levels: dict[str, _Level],
) -> _Level:
    """Lay out a frame and all frames in it."""
    depth = len(paths[frame.id]) if frame.id else 0
    inside = [a for a in arrows if _in(a.source, frame, paths) or _in(a.target, frame, paths)]
    sizes: dict[str, Point] = {}
    for part in frame.parts:
        if isinstance(part, Frame):
            own = _lay(part, inside, paths, levels)
            sizes[part.id] = _framed(part, own, arrows)
        else:
            sizes[part.id] = _size(part)
    edges = _edges(frame, inside, depth, paths)
    for edge in edges:
        for end in edge:
            sizes.setdefault(end, (0, 6))
    level = levels[frame.id] = _Level(sizes=sizes)
    _arrange(level, list(sizes), edges)
    return level


def _in(part: str, frame: Frame, paths: Mapping[str, tuple[str, ...]]) -> bool:
    return not frame.id or (frame.id in paths[part] and paths[part][-1] != frame.id)


def _edges(
    frame: Frame, arrows: Iterable[Arrow], depth: int, paths: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str]]:
    """Return which parts of a frame arrows lead from and to: ``>part`` and ``<part`` are ports."""
    found: dict[tuple[str, str], None] = {}
    for arrow in arrows:
        if arrow.kind == "turn":
            continue
        source = paths[arrow.source][depth] if _in(arrow.source, frame, paths) else None
        target = paths[arrow.target][depth] if _in(arrow.target, frame, paths) else None
        edge = (source or f"<{target}", target or f">{source}")
        # An arrow to a frame itself ends at its rim, as does one that comes from it.
        if edge[0] != edge[1] and frame.id not in {arrow.source, arrow.target}:
            found[edge] = None
    return list(found)


def _size(node: Node) -> Point:
    width, height = _SIZES[node.kind]
    letter = _SMALL_LETTER if _SIZES[node.kind] is _GIVEN else _LETTER
    needed = letter * len(shown_label(node)) + _ROOM[node.kind]
    return (round(min(max(width, needed), _WIDEST)), height)


def _framed(frame: Frame, level: _Level, arrows: Iterable[Arrow]) -> Point:
    below = _TURN if _has_turn(frame, arrows) else 0
    title = min(_SMALL_LETTER * len(shown_title(frame)) + 90, 420)
    width = max(level.width + 2 * _RIM, title)
    return (round(width), round(level.height + _TITLE + _RIM + below))


def _has_turn(frame: Frame, arrows: Iterable[Arrow]) -> bool:
    ids = {part.id for part in frame.parts}
    return any(a.kind == "turn" and a.target in ids for a in arrows)


def _arrange(level: _Level, items: list[str], edges: list[tuple[str, str]]) -> None:
    """Give each item of a level its centre, and each edge its way."""
    edges = _acyclic(items, edges)
    layer = _layers(items, edges)
    chains = {edge: _chain(edge, layer, level.sizes) for edge in edges}
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    columns: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for item, number in layer.items():
        columns[number].append(item)
    before, after = _neighbours(links)
    _order(columns, before, after)
    xs, spans = _columns(level, columns)
    ys = _rows(level.sizes, columns, before, after)
    low = min((ys[i] - level.sizes[i][1] / 2 for i in ys), default=0)
    for item, y in ys.items():
        level.at[item] = (round(xs[item], 1), round(y - low, 1))
    level.height = max((ys[i] - low + level.sizes[i][1] / 2 for i in ys), default=0)
    for edge, chain in chains.items():
        level.ways[edge] = [point for item in chain[:-1] for point in _through(item, level, spans)]


def _through(item: str, level: _Level, spans: Mapping[str, Point]) -> Iterator[Point]:
    """Yield the points by which a line crosses a column, or leaves it: curves are for the gaps."""
    left, right = spans[item]
    (x, y), width = level.at[item], level.sizes[item][0]
    if item.startswith("~"):
        yield (left, y)
    if x + width / 2 < right:
        yield (right, y)


def _acyclic(items: Iterable[str], edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out edges that lead back: a frame may both feed and read what stands beside it."""
    after: dict[str, list[str]] = {}
    for source, target in edges:
        after.setdefault(source, []).append(target)
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for root in items:
        stack = [(root, iter(after.get(root, ())))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            item, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[item] = 2
                stack.pop()
            elif following not in state:
                state[following] = 1
                stack.append((following, iter(after.get(following, ()))))
            elif state[following] == 1:
                back.add((item, following))
    return [edge for edge in edges if edge not in back]


def _layers(items: Iterable[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """Return the column of each item: right of all that lead to it, ports at the rims.

    What nothing leads to stands just left of the first that it leads to.
    """
    from graphlib import TopologicalSorter

    before: dict[str, list[str]] = {item: [] for item in items}
    after: dict[str, list[str]] = {item: [] for item in items}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    layer: dict[str, int] = {}
    for item in TopologicalSorter(before).static_order():
        layer[item] = max((layer[one] + 1 for one in before[item]), default=0)
    for item, sources in before.items():
        if not sources and after[item] and not item.startswith("<"):
            layer[item] = min(layer[one] for one in after[item]) - 1
    last = max((n for item, n in layer.items() if not item.startswith(">")), default=0)
    for item in before:
        if item.startswith(">"):
            layer[item] = last + 1
    return layer


def _chain(edge: tuple[str, str], layer: dict[str, int], sizes: dict[str, Point]) -> list[str]:
    """Return an edge's ends with a place to pass through in each layer between them."""
    source, target = edge
    if layer[target] - layer[source] > _FAR:
        return [source, target]
    between = []
    for number in range(layer[source] + 1, layer[target]):
        name = f"~{source}~{target}~{number}"
        layer[name] = number
        sizes[name] = (0, 8)
        between.append(name)
    return [source, *between, target]


_Beside = dict[str, list[str]]


def _neighbours(links: Iterable[tuple[str, str]]) -> tuple[_Beside, _Beside]:
    before: _Beside = {}
    after: _Beside = {}
    for source, target in links:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    return before, after


def _order(columns: list[list[str]], before: _Beside, after: _Beside) -> None:
    """Sort each column by where its neighbours stand, to and fro: few lines then cross."""
    position: dict[str, float] = {}
    for column in columns:
        for number, item in enumerate(column):
            position[item] = number / max(1, len(column) - 1)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for column in columns if forth else reversed(columns):
            beside = before if forth else after

            def key(item: str, beside: _Beside = beside) -> float:
                return _mean((position[one] for one in beside.get(item, ())), position[item])

            column.sort(key=key)
            for number, item in enumerate(column):
                position[item] = number / max(1, len(column) - 1)


def _mean(values: Iterable[float], otherwise: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else otherwise


def _columns(level: _Level, columns: list[list[str]]) -> tuple[dict[str, float], dict[str, Point]]:
    """Return the centre of each item from left to right, and where its column begins and ends."""
    xs: dict[str, float] = {}
    spans: dict[str, Point] = {}
    x = 0.0
    for number, column in enumerate(columns):
        width = max((level.sizes[item][0] for item in column), default=0)
        for item in column:
            xs[item] = x + level.sizes[item][0] / 2
            spans[item] = (round(x, 1), round(x + width, 1))
        rim = number + 1 == len(columns)
        thin = width == 0 or (not rim and all(level.sizes[i][0] == 0 for i in columns[number + 1]))
        x += width + (0 if rim else _PORT_GAP if thin else _GAP_X)
    level.width = x
    return xs, spans


def _rows(
    sizes: Mapping[str, Point], columns: list[list[str]], before: _Beside, after: _Beside
) -> dict[str, float]:
    """Return the centre of each item from top to bottom, near the middle of its neighbours."""
    ys: dict[str, float] = {}
    for column in columns:
        _stack(column, sizes, dict.fromkeys(column, 0.0), ys)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for column in columns if forth else reversed(columns):
            first, then = (before, after) if forth else (after, before)
            wanted = {}
            for item in column:
                beside = first.get(item) or then.get(item) or []
                wanted[item] = _mean((ys[one] for one in beside), ys[item])
            _stack(column, sizes, wanted, ys)
    return ys


def _stack(
    column: Sequence[str],
    sizes: Mapping[str, Point],
    wanted: Mapping[str, float],
    ys: dict[str, float],
) -> None:
    """Put a column's items where they are wanted, in order and apart from each other."""
    blocks: list[tuple[float, float, list[str]]] = []  # the wanted top, the height, the items
    for item in column:
        height = sizes[item][1] + _GAP_Y
        top, members = wanted[item] - height / 2, [item]
        while blocks and blocks[-1][0] + blocks[-1][1] > top:
            other_top, other_height, others = blocks.pop()
            # Both move to where they are least far from what they want.
            weight, other = len(members), len(others)
            top = (other_top * other + (top - other_height) * weight) / (weight + other)
            height += other_height
            members = [*others, *members]
        blocks.append((top, height, members))
    for top, _, members in blocks:
        y = top
        for item in members:
            height = sizes[item][1] + _GAP_Y
            ys[item] = y + height / 2
            y += height


def _place(
    frame: Frame, x: float, y: float, levels: Mapping[str, _Level], boxes: dict[str, Box]
) -> None:
    """Note the boxes of all that stands in a frame whose content begins at a point."""
    level = levels[frame.id]
    for part in frame.parts:
        width, height = level.sizes[part.id]
        left, top = level.at[part.id]
        box = Box(round(x + left - width / 2, 1), round(y + top - height / 2, 1), width, height)
        boxes[part.id] = box
        if isinstance(part, Frame):
            _place(part, box.x + _RIM, box.y + _TITLE, levels, boxes)


def _way(
    arrow: Arrow,
    paths: Mapping[str, tuple[str, ...]],
    levels: Mapping[str, _Level],
    boxes: Mapping[str, Box],
) -> tuple[Point, ...]:
    source, target = boxes[arrow.source], boxes[arrow.target]
    if arrow.kind == "turn":
        return (
            (source.x + source.width / 2, source.y + source.height),
            (target.x + target.width / 2, target.y + target.height),
        )
    start = (source.x + source.width, source.y + source.height / 2)
    end = (target.x, target.y + target.height / 2)
    middle = _between(paths[arrow.source], paths[arrow.target], levels, boxes)
    return (start, *middle, end)


def _between(
    source: tuple[str, ...],
    target: tuple[str, ...],
    levels: Mapping[str, _Level],
    boxes: Mapping[str, Box],
) -> Iterator[Point]:
    """Yield the points between the two ends of an arrow: out of frames, across, and into frames."""
    shared = 0
    while shared < min(len(source), len(target)) and source[shared] == target[shared]:
        shared += 1
    if shared in {len(source), len(target)}:
        return  # one stands in the other
    for depth in range(len(source) - 1, shared, -1):
        yield from _inside(source[depth - 1], (source[depth], f">{source[depth]}"), levels, boxes)
    around = source[shared - 1] if shared else ""
    yield from _inside(around, (source[shared], target[shared]), levels, boxes)
    for depth in range(shared + 1, len(target)):
        yield from _inside(target[depth - 1], (f"<{target[depth]}", target[depth]), levels, boxes)


def _inside(
    frame: str, edge: tuple[str, str], levels: Mapping[str, _Level], boxes: Mapping[str, Box]
) -> Iterator[Point]:
    level = levels[frame]
    x, y = (boxes[frame].x + _RIM, boxes[frame].y + _TITLE) if frame else (0.0, 0.0)
    points = list(level.ways.get(edge, ()))
    if edge[0].startswith("<") and edge[0] in level.at:
        points.insert(0, level.at[edge[0]])
    if edge[1].startswith(">") and edge[1] in level.at:
        points.append(level.at[edge[1]])
    for left, top in points:
        yield (round(x + left, 1), round(y + top, 1))
