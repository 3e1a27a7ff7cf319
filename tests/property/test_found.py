"""Programs for which the answers once differed, as small as they could be made."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers import dag, loop, switch
from dagger_providers.dsl import DagFunction
from property.agreement import check
from property.library import a, b, emit, enough, flag, more, once


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


@pytest.mark.parametrize(
    "program", [yields_and_nobody_reads, group_whose_next_turn_gets_what_a_switch_chose]
)
def test_answers_agree(program: DagFunction[..., Any]) -> None:
    agreed = check(program, {})
    assert agreed.refused == ""
    assert agreed.executions > 0
