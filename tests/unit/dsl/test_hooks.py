"""What `dag` takes as a hook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import DAG, FromRecord, dag, task
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import BuildError, UsageError
from dagger_providers.model import dumps
from unit.dsl.traced import once


def told(record: dict[str, Any], volume: int = 1) -> None: ...


def nothing() -> None: ...


def two(record: dict[str, Any], volume: int) -> None: ...


def named(*, record: dict[str, Any]) -> None: ...


@task(retries=3, image="hooks:1")
def careful(record: dict[str, Any]) -> None: ...


def pipeline(**hooks: Any) -> DAG:
    @dag(**hooks)
    def hooked() -> Any:
        return once()

    return hooked.build()


def test_a_function_and_a_task_are_hooks() -> None:
    made = pipeline(on_success=told, on_exit=careful)

    assert made.on_success is not None
    assert made.on_success.function.endswith(":told")
    assert made.on_success.inputs == {"record": FromRecord()}
    assert made.on_failure is None
    assert made.on_exit is not None
    assert (made.on_exit.options.retries, made.on_exit.options.image) == (3, "hooks:1")


def test_a_keyword_argument_takes_the_record() -> None:
    assert pipeline(on_exit=named).on_exit is not None


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        (nothing, "on_exit gets one argument, the run's record, and 'nothing' takes ()"),
        (two, "and 'two' takes (record, volume)"),
        ("told", "on_exit takes a task or a function, not 'told'"),
        (dag(once.__wrapped__), "on_exit takes a task or a function, not <pipeline"),
    ],
)
def test_anything_else_is_refused(hook: Any, text: str) -> None:
    with pytest.raises(BuildError) as refusal:
        pipeline(on_exit=hook)
    assert text in str(refusal.value)


# In documents


@pytest.fixture
def code(tmp_path: Path) -> str:
    """A file of functions, of a name that no other test has."""
    name = f"functions_of_{tmp_path.name}.py"
    (tmp_path / name).write_text(
        "from dagger_providers import task\n"
        "@task\ndef one() -> int:\n    return 1\n"
        "@task(retries=2)\ndef report(record: dict) -> None: ...\n"
        "def plain(record: dict) -> None: ...\n"
    )
    return name


def document(folder: Path, code: str, hook: Any) -> str:
    content = {"name": "p", "nodes": {"one": {"function": f"{code}:one"}}, "on_exit": hook}
    file = folder / "flow.json"
    file.write_text(json.dumps({"format": "dagger-providers.dag/1", **content}))
    return str(file)


@pytest.mark.parametrize("form", [lambda name: name, lambda name: {"function": name}])
def test_a_document_names_a_task_as_a_hook(form: Any, code: str, tmp_path: Path) -> None:
    made = build_ref(document(tmp_path, code, form(f"{code}:report"))).on_exit

    assert made is not None
    assert made.inputs == {"record": FromRecord()}
    assert made.options.retries == 2


def test_what_a_pipeline_is_written_as_is_read_again(code: str, tmp_path: Path) -> None:
    dag = build_ref(document(tmp_path, code, f"{code}:report"))
    (tmp_path / "again.json").write_text(dumps(dag))

    assert build_ref(str(tmp_path / "again.json")) == dag


@pytest.mark.parametrize("written", [False, True])
def test_a_document_may_not_name_any_function_as_a_hook(
    written: bool, code: str, tmp_path: Path
) -> None:
    inputs = {"record": {"kind": "record"}}
    long = {"function": f"{code}:plain", "signature": "(record)", "inputs": inputs}
    with pytest.raises(UsageError, match=r"on_exit.*plain is no decorated task or pipeline"):
        build_ref(document(tmp_path, code, long if written else f"{code}:plain"))
