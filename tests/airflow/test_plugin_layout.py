"""Where the parts of a picture stand: apart, inside their frames, from left to right."""

import random
from itertools import combinations, pairwise

import pytest

from dagger_providers.planning.picture import Arrow, Frame, Node, Picture


@pytest.fixture(autouse=True)
def _airflow(home):
    """The layout lies beside the plugin, which imports Airflow."""


def node(name, kind="task"):
    return Node(name, name, kind, name if kind in {"task", "hook"} else "")


def random_picture(seed):
    """Frames in frames, with arrows between any two nodes, in one direction."""
    chance = random.Random(seed)  # noqa: S311 - for pictures
    count = [0]

    def parts(depth):
        made = []
        for _ in range(chance.randint(1, 4)):
            count[0] += 1
            if depth < 3 and chance.random() < 0.4:
                made.append(Frame(f"f{count[0]}", f"frame {count[0]}", "loop", parts(depth + 1)))
            else:
                made.append(node(f"n{count[0]}", chance.choice(["task", "parameter", "switch"])))
        return made

    whole = Frame("", "", "container", parts(0))
    nodes = list(whole.nodes())
    pairs = [(a, b) for a, b in combinations(nodes, 2) if chance.random() < 0.3]
    return Picture(whole.parts, [Arrow(a.id, b.id) for a, b in pairs])


def overlap(one, other):
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def check(picture):
    from dagger_providers.airflow.plugin.layout import layout

    placed = layout(picture)

    def walk(parts, around):
        for one, other in combinations(parts, 2):
            assert not overlap(placed.boxes[one.id], placed.boxes[other.id]), (one.id, other.id)
        for part in parts:
            box = placed.boxes[part.id]
            x, y, width, height = around
            assert x <= box.x
            assert y <= box.y
            assert box.x + box.width <= x + width + 0.2
            assert box.y + box.height <= y + height + 0.2
            if isinstance(part, Frame):
                walk(part.parts, (box.x, box.y, box.width, box.height))

    walk(picture.parts, (0, 0, placed.width, placed.height))
    for arrow, points in zip(picture.arrows, placed.ways, strict=True):
        source, target = placed.boxes[arrow.source], placed.boxes[arrow.target]
        if arrow.kind != "turn":
            assert points[0] == (source.x + source.width, source.y + source.height / 2)
            assert points[-1] == (target.x, target.y + target.height / 2)
    assert layout(picture) == placed
    return placed


@pytest.mark.parametrize("seed", range(40))
def test_parts_stand_apart_and_inside_their_frames(seed):
    check(random_picture(seed))


def test_arrows_lead_to_the_right():
    picture = Picture([node("c"), node("b"), node("a")], [Arrow("a", "b"), Arrow("b", "c")])
    boxes = check(picture).boxes

    assert boxes["a"].x < boxes["b"].x < boxes["c"].x


def test_a_frame_that_feeds_and_reads_its_neighbour():
    frame = Frame("f", "for each of x", "loop", [node("a"), node("b")])
    check(Picture([frame, node("t")], [Arrow("a", "t"), Arrow("t", "b"), Arrow("a", "b")]))


def test_a_way_back_is_drawn_below():
    frame = Frame("f", "repeat", "container", [node("a"), node("b")])
    turn = Arrow("b", "a", "turn", "next turn")
    placed = check(Picture([frame], [Arrow("a", "b"), turn]))
    (_, start), (_, end) = placed.ways[1]

    assert start == end == placed.boxes["a"].y + placed.boxes["a"].height


def test_a_way_back_to_the_same_node_has_room_for_what_is_written_on_it():
    frame = Frame("f", "repeat", "container", [node("a")])
    placed = check(Picture([frame], [Arrow("a", "a", "turn", "next turn")]))
    inner, outer = placed.boxes["a"], placed.boxes["f"]

    assert outer.y + outer.height - (inner.y + inner.height) > 24


def test_a_hook_stands_right_of_its_pipeline():
    whole = Frame("f", "p", "pipeline", [node("a"), node("b")])
    boxes = check(
        Picture([whole, node("h", "hook")], [Arrow("a", "b"), Arrow("f", "h", "hook")])
    ).boxes

    assert boxes["h"].x > boxes["f"].x + boxes["f"].width


def test_a_long_chain_that_all_read_one_parameter():
    nodes = [node(f"n{at}") for at in range(800)]
    arrows = [Arrow(a.id, b.id) for a, b in pairwise(nodes)]
    arrows += [Arrow("p", one.id, "parameter") for one in nodes]
    check(Picture([node("p", "parameter"), *nodes], arrows))


def test_nothing():
    placed = check(Picture([], []))

    assert (placed.width, placed.height) == (0, 0)


def test_a_pipeline_too_large_to_draw_is_listed(monkeypatch):
    from dagger_providers.airflow.plugin import drawing
    from dagger_providers.card import Card, Stage
    from dagger_providers.planning.outline import Outline

    monkeypatch.setattr(drawing, "LARGEST", 2)
    cards = tuple(Card(f"n{at}", function="m:f") for at in range(3))
    told = drawing.drawing(Outline("p", stages=tuple(Stage((), (card,)) for card in cards)))

    assert not told["drawn"]
    assert [one["address"] for one in told["nodes"]] == ["n0", "n1", "n2"]


def test_an_outline_that_is_no_longer_read_is_refused():
    from dagger_providers.airflow.outlines import outline_in, packed, unpacked
    from dagger_providers.errors import FormatError
    from dagger_providers.planning.outline import Outline

    text = packed(Outline("p"))
    tasks = [{"__var": {"doc_json": "other"}}, {"__var": {"doc_json": text}}]

    assert outline_in({"dag": {"tasks": tasks}}) == Outline("p")
    assert outline_in({"dag": {"tasks": tasks[:1]}}) is None
    for broken in (text.replace("/1 ", "/2 "), text[:-8], text[:40] + "AAAA" + text[44:]):
        with pytest.raises(FormatError):
            unpacked(broken)
