"""Which regions a plan has for an engine whose loops and conditions nest."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from dagger_providers import dag, switch, task
from dagger_providers.planning import nested_plan
from dagger_providers.planning.plan import Loop, Region


@task
def many(x: Any) -> list[Any]:
    return list(x)


@task
def one(x: Any, y: Any = None) -> str:
    return f"{x}{y}"


@task
def whole(xs: list[Any]) -> str:
    return str(xs)


@task(allow_failure=True)
def shaky(x: Any) -> str:
    return str(x)


def drawn(pipeline: Any) -> str:
    """The regions as text: ``each axis<teller>(...)``, ``which switch<teller>(case: ...)``.

    Where no step tells, the pipeline does: ``each axis<=count>(...)``; or a parameter:
    ``which switch<=parameter, otherwise>(...)``.
    """
    return _drawn(nested_plan(pipeline.build()).root)


def _drawn(region: Region) -> str:
    parts = []
    for part in region.parts:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, Loop):
            told_by = part.indices_from or f"={part.count}"
            parts.append(f"each {part.axis}<{told_by}>({_drawn(part.body)})")
        else:
            inside = [f"{b.guard.rpartition('.')[2]}: {_drawn(b.body)}" for b in part.branches]
            by = part.chosen_by
            if part.compared is not None:
                by = f"={part.compared.parameter}, {part.compared.otherwise or 'nothing'}"
            parts.append(f"which {part.name}<{by}>({', '.join(inside)})")
    return " ".join(parts)


@dag
def loop_in_a_loop(xs: list[str]) -> Any:
    return whole([whole([one(y) for y in many(x)]) for x in xs])


@dag
def joined_only_outside(text: str) -> Any:
    return whole([one(y) for x in many(text) for y in many(x)])


@dag
def same_list_inside_itself(text: str) -> Any:
    texts = many(text)
    return whole([one(x, y) for x in texts for y in texts])


@dag
def parameter_inside_a_loop(xs: list[str], ys: list[str]) -> Any:
    return [[one(x, y) for y in ys] for x in xs]


@dag
def two_loops_over_one_list(text: str) -> Any:
    texts = many(text)
    return whole([*[one(x) for x in texts], *[one(x, "!") for x in texts]])


@dag
def one_loop_that_reads_another_ones_result(text: str) -> Any:
    texts, others = many(text), many("ab")
    table = whole([one(y) for y in others])
    return whole([one(one(x), table) for x in texts])


@dag
def a_loop_that_reads_its_own_results(text: str) -> Any:
    texts = many(text)
    first = [one(x) for x in texts]
    every = whole(first)
    return whole([one(y, every) for y in first])


@dag
def two_loops_that_need_each_other(text: str) -> Any:
    xs, ys = many(text), many("ab")
    first, other = [one(x) for x in xs], [one(y) for y in ys]
    every, all_others = whole(first), whole(other)
    return whole([*[one(x, all_others) for x in first], *[one(y, every) for y in other]])


@dag
def chosen(text: str) -> Any:
    return switch(one(text), {"a": one, "b": many}, default=whole)([text])


@dag
def chosen_in_a_loop(text: str) -> Any:
    return whole([switch(one(x), {"a": one}, default=whole)(x) for x in many(text)])


@dag
def loop_in_a_branch(text: str) -> Any:
    return switch(one(text), {"a": loop_over}, default=one)(text)


@dag
def loop_over(x: str) -> Any:
    return whole([one(y) for y in many(x)])


@dag
def chosen_by_a_parameter(mode: str, text: str) -> Any:
    return [switch(mode, {"a": one}, default=whole)(x) for x in many(text)]


@dag
def a_parameter_without_a_case(mode: str, text: str) -> Any:
    return switch(mode, {"a": one, "b": many})(text)


@dag
def every_value_has_a_case(mode: Literal["b", "a"], text: str) -> Any:
    return switch(mode, {"a": one, "b": many})(text)


@dag
def default_in_a_group(mode: str, text: str) -> Any:
    first = one.options(group="g", name="first")(text)
    return switch(mode, {"a": one}, default=many.options(group="g"))(first)


@dag
def by_mode(x: str, mode: str) -> Any:
    return switch(mode, {"a": one}, default=many)(x)


@dag
def choices_in_each_other(xs: list[str], many_: bool, mode: str) -> Any:
    return [switch(many_, {True: by_mode, False: one})(x, mode) for x in xs]


@dag
def chosen_by_what_a_choice_gave(mode: Literal["b", "a"], text: str) -> Any:
    found = switch(mode, {"a": one, "b": one})(text)
    return switch(found, {"a": one}, default=many)(text)


@dag
def those_that_did_not_fail(text: str) -> Any:
    return whole([one(shaky(x)) for x in many(text)])


@dag
def each_of(xs: list[Any]) -> Any:
    return [one(x) for x in xs]


@dag
def crossed(xs: list[str], ys: list[str]) -> Any:
    return [[one(x, y) for y in ys] for x in xs]


@dag
def written_down(xs: list[str]) -> Any:
    return [crossed(["a", "b"], ["c", "d", "e"]), crossed(xs, ["c"]), each_of([])]


@dag
def too_many_to_write() -> Any:
    return each_of(list(range(101)))


@dag
def failed_and_looped(text: str) -> Any:
    return [[one(z) for z in many(shaky(x))] for x in many(text)]


EXPECTED = {
    loop_in_a_loop: "items-of-xs each xs<items-of-xs>(many each many<many>(one) whole-1) whole-2",
    joined_only_outside: "many-1 each many-1<many-1>(many-2 each many-2<many-2>(one)) whole",
    same_list_inside_itself: "many each many<many>(each many-2<many>(one)) whole",
    parameter_inside_a_loop: (
        "items-of-xs items-of-ys each xs<items-of-xs>(each ys<items-of-ys>(one))"
    ),
    two_loops_over_one_list: "many each many<many>(one-1) each many-2<many>(one-2) whole",
    one_loop_that_reads_another_ones_result: (
        "many-1 many-2 each many-2<many-2>(one-1) whole-1 each many-1<many-1>(one-2 one-3) whole-2"
    ),
    a_loop_that_reads_its_own_results: (
        "many each many<many>(one-1) whole-1 each many<many>(one-2) whole-2"
    ),
    two_loops_that_need_each_other: (
        "many-1 many-2 each many-1<many-1>(one-1) whole-1 each many-2<many-2>(one-2 one-4) "
        "whole-2 each many-1<many-1>(one-3) whole-3"
    ),
    chosen: "one which switch<one>(a: switch.a, b: switch.b, default: switch.default)",
    chosen_in_a_loop: (
        "many each many<many>(one which switch<one>(a: switch.a, default: switch.default)) whole"
    ),
    loop_in_a_branch: (
        "one which switch<one>(a: switch.a.many each switch.a.many<switch.a.many>(switch.a.one) "
        "switch.a.whole, default: switch.default)"
    ),
    loop_over: "many each many<many>(one) whole",
    chosen_by_a_parameter: (
        "many each many<many>(which switch<=mode, switch.default>(a: switch.a, "
        "default: switch.default))"
    ),
    a_parameter_without_a_case: (
        "choice-of-switch which switch<choice-of-switch>(a: switch.a, b: switch.b)"
    ),
    default_in_a_group: "g which switch<=mode, nothing>(a: switch.a)",
    every_value_has_a_case: "which switch<=mode, switch.b>(a: switch.a, b: switch.b)",
    choices_in_each_other: (
        "items-of-xs each xs<items-of-xs>(which switch<=many_, switch.false>("
        "true: which switch.true.switch<=mode, switch.true.switch.default>"
        "(a: switch.true.switch.a, default: switch.true.switch.default), false: switch.false))"
    ),
    chosen_by_what_a_choice_gave: (
        "which switch-1<=mode, switch-1.b>(a: switch-1.a, b: switch-1.b) choice-of-switch-2 "
        "which switch-2<choice-of-switch-2>(a: switch-2.a, default: switch-2.default)"
    ),
    those_that_did_not_fail: "many each many<many>(shaky which shaky<shaky>(ok: one)) whole",
    written_down: (
        "each crossed-1.xs<=2>(each crossed-1.ys<=3>(crossed-1.one)) "
        "crossed-2.items-of-xs each-of.items-of-xs "
        "each crossed-2.xs<crossed-2.items-of-xs>(each crossed-2.ys<=1>(crossed-2.one)) "
        "each each-of.xs<each-of.items-of-xs>(each-of.one)"
    ),
    too_many_to_write: "each-of.items-of-xs each each-of.xs<each-of.items-of-xs>(each-of.one)",
    failed_and_looped: (
        "many-1 each many-1<many-1>(shaky which shaky<shaky>(ok: many-2 each many-2<many-2>(one)))"
    ),
}


@pytest.mark.parametrize("pipeline", EXPECTED, ids=lambda p: p.__name__)
def test_regions(pipeline: Any) -> None:
    assert drawn(pipeline) == EXPECTED[pipeline]
