"""Each program, built and run from its plan, gives what its plain call gives."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.dsl import DagFunction
from dagger_providers.model import dumps, loads
from unit.dsl import programs
from unit.dsl.running import outputs_of, plain_outputs

PROGRAMS = {
    name: found
    for name, found in vars(programs).items()
    if isinstance(found, DagFunction) and not name.startswith(("inner", "middle"))
} | {"inner_results_mapped_outside": programs.inner_results_mapped_outside}

LISTS: tuple[list[str], ...] = ([], ["x"], ["x", "yy", "z"], ["p", "qq", "rrr", "s", "tt"])


def parameters_of(pipeline: DagFunction[..., Any]) -> list[dict[str, Any]]:
    names = pipeline.__wrapped__.__code__.co_varnames[: pipeline.__wrapped__.__code__.co_argcount]
    values = [(list(LISTS), LISTS) if name == "xss" else LISTS for name in names]
    return [dict(zip(names, choice, strict=True)) for choice in product(*values)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_run_gives_what_the_plain_call_gives(name: str, tmp_path: Path) -> None:
    pipeline = PROGRAMS[name]
    dag = pipeline.build()
    for number, parameters in enumerate(parameters_of(pipeline)):
        found = outputs_of(dag, parameters, tmp_path / str(number))
        assert found == plain_outputs(pipeline, parameters), parameters


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_model_survives_its_document(name: str) -> None:
    dag = PROGRAMS[name].build()
    assert loads(dumps(dag)) == dag
    assert hash(loads(dumps(dag))) == hash(dag)
    assert dumps(loads(dumps(dag))) == dumps(dag)
    assert PROGRAMS[name].build() == dag
