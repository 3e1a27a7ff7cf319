"""Pictures: what frames and arrows they show of loops, switches, repetitions and groups."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from dagger_providers import artifact, dag, loop, switch, task
from dagger_providers.cli.graph import draw
from dagger_providers.planning import plan
from dagger_providers.planning.outline import from_json, outline_of, to_json
from dagger_providers.planning.picture import Frame, Part, Picture, picture


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def double(x: int) -> int:
    return 2 * x


@task(allow_failure=True)
def fit(x: int) -> int:
    return x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def kind(n: int) -> str:
    return "small" if n < 9 else "large"


@task
def grow(x: int) -> dict[str, Any]:
    return {"x": 2 * x, "big": x > 9}


@dag
def mapped(n: int):
    return total([double(x) for x in numbers(n)])


@dag
def nested(ns: list[int]):
    out = []
    for n in ns:
        for x in numbers(n):
            out.append(double(x))
    return total(out)


@dag
def zipped(xs: list[int], n: int):
    return [total([x, y]) for x, y in zip(xs, numbers(n), strict=True)]


@dag
def branches(n: int):
    return switch(kind(n), {"small": double, "large": mapped}, default=double)(n)


@dag
def quoted(name: str, n: int):
    return switch(name, {'"a"': double, "#1": double})(n)


@dag
def left_out(xs: list[int]):
    return total([double(fit(x)) for x in xs])


@dag
def growing(x: int):
    grown = grow(double(x))
    return {"x": grown["x"], "big": grown["big"]}


@dag
def repeated(xs: list[int]):
    return total([loop(growing, until="big", max_iterations=7)(x)["x"] for x in xs])


@dag
def grouped(n: int):
    xs = numbers.options(group="prepare")(n)
    return total([double.options(group="prepare")(x) for x in xs])


@dag
def waiting(n: int):
    first = numbers.options(group="g")(n)
    total.options(group="g")(first)
    return double.options(after=total.options(name="all", group="g")(first))(n)


@task
def hear(record: dict[str, Any]) -> None:
    pass


@dag(on_exit=hear)
def told(n: int):
    return numbers(n)


@dag(on_success=hear)
def told_group(n: int):
    return double.options(group="g")(n)


@dag(on_failure=hear)
def told_each(ns: list[int]):
    return [told_group(n) for n in ns]


def shown(pipeline: Any) -> Picture:
    model = pipeline.build()
    return picture(outline_of(model, plan(model)))


def outline(parts: list[Part]) -> list[Any]:
    """Labels, and for a frame its label and what is in it."""
    return [
        (part.label, outline(part.parts)) if isinstance(part, Frame) else part.label
        for part in parts
    ]


def arrows(drawn: Picture) -> set[str]:
    """Each arrow as a line: from -> to, and its kind and label, if any."""
    labels: dict[str, str] = {}

    def walk(parts: list[Part]) -> None:
        for part in parts:
            labels[part.id] = part.label
            if isinstance(part, Frame):
                walk(part.parts)

    walk(drawn.parts)
    return {
        f"{labels[arrow.source]} -> {labels[arrow.target]} {arrow.kind} {arrow.label}".rstrip()
        for arrow in drawn.arrows
    }


def test_a_loop_is_a_frame_and_its_list_leads_there() -> None:
    drawn = shown(mapped)

    assert outline(drawn.parts) == ["n", "numbers", ("for each of numbers", ["double"]), "total"]
    assert arrows(drawn) == {
        "n -> numbers parameter",
        "numbers -> for each of numbers data",
        "double -> total data",
    }


def test_a_loop_in_a_loop_is_a_frame_in_a_frame() -> None:
    drawn = shown(nested)

    inner = ("for each of numbers", ["double"])
    assert outline(drawn.parts) == ["ns", ("for each of ns", ["numbers", inner]), "total"]
    assert "ns -> for each of ns parameter" in arrows(drawn)


def test_loops_in_step_are_one_frame_that_all_lists_lead_to() -> None:
    drawn = shown(zipped)

    (frame,) = (label for label, _ in filter(lambda p: type(p) is tuple, outline(drawn.parts)))
    assert {f"xs -> {frame} parameter", f"numbers -> {frame} data"} <= arrows(drawn)


def test_a_switch_leads_to_its_branches_and_says_for_which_values() -> None:
    drawn = shown(branches)

    large = ("switch.large", [
        "switch.large.numbers",
        ("for each of switch.large.numbers", ["switch.large.double"]),
        "switch.large.total",
    ])  # fmt: skip
    labels = outline(drawn.parts)
    assert large in labels
    assert {"n", "kind", "switch", "switch.small", "switch.default"} <= {
        label for label in labels if isinstance(label, str)
    }
    assert len(labels) == 6
    assert {
        "kind -> switch data",
        "switch -> switch.small case 'small'",
        "switch -> switch.large case 'large'",
        "switch -> switch.default case otherwise",
        "n -> switch.small parameter",
    } <= arrows(drawn)
    assert "kind -> switch.small data" not in arrows(drawn)


@dag
def mapped_pipelines(ns: list[int]):
    return total([mapped(n) for n in ns])


def test_a_nested_pipeline_is_a_frame_inside_the_loop_that_it_is_called_in() -> None:
    drawn = shown(mapped_pipelines)

    loop_inside = ("for each of mapped.numbers", ["mapped.double"])
    inside = ["mapped.numbers", loop_inside, "mapped.total"]
    assert outline(drawn.parts) == ["ns", ("for each of ns", [("mapped", inside)]), "total"]


def test_what_reads_only_what_did_not_fail_is_framed() -> None:
    drawn = shown(left_out)

    inside = ["fit", ("if fit did not fail", ["double"])]
    assert outline(drawn.parts) == ["xs", ("for each of xs", inside), "total"]
    assert {"fit -> double data", "double -> total data"} <= arrows(drawn)


def test_a_repetition_is_a_frame_with_a_way_back() -> None:
    drawn = shown(repeated)

    turns = (
        "growing: repeat until big, at most 7 turns, one container",
        ["growing.turn.double", "growing.turn.grow"],
    )
    assert outline(drawn.parts) == ["xs", ("for each of xs", [turns]), "total"]
    assert arrows(drawn) == {
        "xs -> for each of xs parameter",
        "growing.turn.double -> growing.turn.grow data",
        "growing.turn.grow -> growing.turn.double turn next turn",
        "growing.turn.grow -> total data",
    }


def test_a_group_is_a_frame_and_arrows_lead_to_its_nodes() -> None:
    drawn = shown(grouped)

    inside = ["numbers", ("for each of numbers", ["double"])]
    assert outline(drawn.parts) == ["n", ("prepare: one container", inside), "total"]
    assert {"n -> numbers parameter", "double -> total data"} <= arrows(drawn)


def test_what_is_waited_for_and_not_read() -> None:
    assert "g: one container -> double after after" in arrows(shown(waiting))


def test_a_hook_says_what_it_runs_and_its_pipeline_leads_to_it() -> None:
    drawn = shown(told)

    assert outline(drawn.parts) == ["n", ("told", ["numbers"]), "on_exit: hear"]
    assert arrows(drawn) == {"n -> numbers parameter", "told -> on_exit: hear hook"}


def test_a_hook_of_a_nested_pipeline_stands_beside_it_in_its_loop() -> None:
    drawn = shown(told_each)

    inner = ("told-group", [("told-group.g: one container", ["told-group.double"])])
    loop = ("for each of ns", [inner, "told-group.on_success: hear"])
    assert outline(drawn.parts) == ["ns", ("told-each", [loop]), "on_failure: hear"]
    assert arrows(drawn) == {
        "ns -> for each of ns parameter",
        "told-group -> told-group.on_success: hear hook",
        "told-each -> on_failure: hear hook",
    }


def test_the_edge_of_a_hook_is_dashed() -> None:
    model = told.build()

    assert re.search(r'h\d+\[/"on_exit: hear"/\]', draw(model, "mermaid"))
    assert re.search(r"^  f\d+ -\.-> h\d+$", draw(model, "mermaid"), re.MULTILINE)
    assert re.search(r"-> h\d+ \[style=dashed, ltail=cluster_f\d+\]", draw(model, "dot"))


EVERYTHING = [
    mapped, nested, zipped, branches, quoted, left_out, repeated, grouped, waiting, told, told_each,
    mapped_pipelines,
]  # fmt: skip


@pytest.mark.parametrize("pipeline", EVERYTHING)
@pytest.mark.parametrize("how", ["mermaid", "dot"])
def test_texts_say_all_of_the_picture(pipeline: Any, how: str) -> None:
    text, drawn = draw(pipeline.build(), how), shown(pipeline)

    arrow = r"(?:-->|-\.->)" if how == "mermaid" else "->"
    assert len(re.findall(rf"^ .* {arrow}", text, re.MULTILINE)) == len(drawn.arrows)
    assert text.count("subgraph") == str(drawn.parts).count("Frame(")


def test_a_branch_in_mermaid_and_in_dot() -> None:
    model = branches.build()

    mermaid, dot = draw(model, "mermaid"), draw(model, "dot")

    (switch_id,) = re.findall(r'(\w+)\{"switch"\}', mermaid)
    (frame,) = re.findall(r'subgraph (\w+)\["switch.large"\]', mermaid)
    assert f"  {switch_id} -->|\"'large'\"| {frame}\n" in mermaid
    assert f'  {switch_id} [label="switch", shape=diamond' in dot
    assert f"label=\"'large'\", lhead=cluster_{frame}];" in dot


def test_quotes_in_labels() -> None:
    model = quoted.build()

    assert "|\"'#quot;a#quot;'\"|" in draw(model, "mermaid")
    assert "|\"'#35;1'\"|" in draw(model, "mermaid")
    assert r'''label="'\"a\"'"''' in draw(model, "dot")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("pipeline", EVERYTHING)
def test_graphviz_draws_it_without_complaint(pipeline: Any) -> None:
    text = draw(pipeline.build(), "dot")

    drawn = subprocess.run(
        ["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=False
    )

    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert drawn.stdout.count('class="cluster"') == str(shown(pipeline).parts).count("Frame(")


@pytest.mark.parametrize("pipeline", EVERYTHING)
def test_an_outline_is_the_same_after_its_way_through_json(pipeline: Any) -> None:
    model = pipeline.build()
    made = outline_of(model, plan(model), "/code")
    again = from_json(json.loads(json.dumps(to_json(made))))

    assert to_json(again) == to_json(made)
    assert picture(again) == picture(made)


@dag
def of_files():
    return [double(x) for x in artifact("s3://bucket/xs.json")]


def test_an_artifact_is_shown_by_its_uri() -> None:
    assert arrows(shown(of_files)) == {"s3://bucket/xs.json -> for each of xs data"}
    assert '[("s3://bucket/xs.json")]' in draw(of_files.build(), "mermaid")
    assert 'label="s3://bucket/xs.json", shape=cylinder' in draw(of_files.build(), "dot")
