"""Programs for which the answers once differed, as small as they could be made."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers import dag, loop, switch
from dagger_providers.dsl import DagFunction
from property.agreement import check
from property.library import a, b, c, emit, enough, flag, more, once, pair, rows, same, split


@dag
def yields_and_nobody_reads() -> Any:
    emit("x")
    return once()


@dag
def turn_with_a_group(text: str, n: int) -> Any:
    grouped = a.options(group="g")(b.options(group="g")(text))
    chosen = switch(flag(grouped), {True: a}, default=b)(grouped)
    return {"text": chosen, "n": more(n), "done": enough(n)}


@dag
def group_whose_next_turn_gets_what_a_switch_chose() -> Any:
    return loop(turn_with_a_group)("x", 0)["text"]


@dag
def results_of_zips_in_zips_beside_calls_that_use_no_item() -> Any:
    texts = split("xyz")
    made = rows(texts)
    first = [a(x) for _, _ in zip(made, made, strict=True) for x, _ in zip(texts, same(texts))]  # noqa: B905
    return [pair(c(pair(once(), x)), x) for x in first]


@pytest.mark.parametrize(
    "program",
    [
        yields_and_nobody_reads,
        group_whose_next_turn_gets_what_a_switch_chose,
        results_of_zips_in_zips_beside_calls_that_use_no_item,
    ],
)
def test_answers_agree(program: DagFunction[..., Any]) -> None:
    agreed = check(program, {})
    assert agreed.refused == ""
    assert agreed.executions > 0
