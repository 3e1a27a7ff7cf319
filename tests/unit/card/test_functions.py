"""References: how another process finds a function again, and how this one loads it."""

from __future__ import annotations

import gc
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import dag, task
from dagger_providers.card.annotations import address_of, part, resolve
from dagger_providers.card.functions import (
    code_root,
    is_file_reference,
    is_live,
    load,
    load_file,
    plain_function,
    reference_of,
    signature_text,
)
from dagger_providers.errors import UsageError
from unit.model import functions

FLOW = """
from dagger_providers import dag, task

@task
def fit(x: int, alpha: float = 1.0, *, deep: bool = False) -> int:
    return x

@dag
def flow(x: int):
    return fit(x)

if __name__ == "__main__":
    from dagger_providers.card.functions import reference_of, code_root
    print(reference_of(fit), reference_of(flow), code_root(flow))
"""


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Path]:
    modules, paths = dict(sys.modules), list(sys.path)
    file = tmp_path / "some_flow.py"
    file.write_text(FLOW)
    yield file
    sys.path[:] = paths
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]


def loaded_as(name: str, file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def output_of(*arguments: str, cwd: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_function_of_a_module() -> None:
    assert reference_of(functions.double) == "unit.model.functions:double"
    assert load("unit.model.functions:double") is functions.double
    assert code_root(functions.double) is None


def test_a_script_is_named_by_its_file(flow: Path) -> None:
    expected = f"some_flow.py:fit some_flow.py:flow {flow.parent}"
    assert output_of(str(flow), cwd=flow.parent) == expected


def test_a_module_run_as_a_script_is_named_as_a_module(flow: Path) -> None:
    package = flow.parent / "some_package"
    package.mkdir()
    (package / "__init__.py").touch()
    flow.rename(package / "inner.py")
    found = output_of("-m", "some_package.inner", cwd=flow.parent)
    assert found == "some_package.inner:fit some_package.inner:flow None"


def test_a_file_under_a_name_of_an_orchestrator_is_named_by_its_file(flow: Path) -> None:
    module = loaded_as("unusual_prefix_0123456789abcdef_some_flow", flow)
    assert reference_of(module.fit) == "some_flow.py:fit"
    assert is_file_reference(reference_of(module.fit))
    assert code_root(module.flow) == str(flow.parent)


def test_a_file_that_no_import_finds_is_named_by_its_file(flow: Path) -> None:
    assert reference_of(loaded_as("some_flow", flow).fit) == "some_flow.py:fit"


def test_a_file_is_loaded_once_under_its_stem(flow: Path) -> None:
    module = load_file("some_flow.py", str(flow.parent))
    assert module.__name__ == "some_flow"
    assert load_file(str(flow)) is module
    assert load("some_flow.py:fit", str(flow.parent)) is module.fit
    assert reference_of(module.fit) == "some_flow.py:fit"


def test_two_files_of_one_stem_do_not_meet(flow: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "some_flow.py"
    other.parent.mkdir()
    other.write_text(FLOW)
    one, two = load_file(str(flow)), load_file(str(other))
    assert one is not two
    assert one.__name__ != two.__name__
    assert code_root(one.fit) == str(flow.parent)
    assert code_root(two.fit) == str(other.parent)


def test_a_file_imports_from_its_folder_before_that_of_its_path(flow: Path) -> None:
    """Also the second of two files: its folder comes before the root that the first one had."""
    root = flow.parent
    (root / "some_words.py").write_text("WORD = 'of the root'")
    for folder in ("one", "two"):
        (root / folder).mkdir()
        (root / folder / f"imports_{folder}.py").write_text("from some_words import WORD")
    (root / "two" / "some_words.py").write_text("WORD = 'beside'")
    assert load_file("one/imports_one.py", str(root)).WORD == "of the root"
    del sys.modules["some_words"]
    assert load_file("two/imports_two.py", str(root)).WORD == "beside"


def test_a_file_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "broken_flow.py"
    file.write_text("raise ValueError('no')")
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            load_file(str(file))
    assert "broken_flow" not in sys.modules


def test_a_local_function_lives_as_long_as_a_model_may_need_it() -> None:
    def local(x: int) -> int:
        return x

    def twin() -> Any:
        def local(x: int) -> int:
            return -x

        return local

    other = twin()
    references = [reference_of(task(local).options(retries=1)), reference_of(other)]
    assert all(map(is_live, references))
    assert references[0] == reference_of(local)
    assert references[0] != references[1]
    gc.collect()
    assert plain_function(load(references[0]))(1) == 1


def test_equal_code_in_two_places_is_two_functions() -> None:
    source = "def same(x):\n    return x\n"
    made = []
    for name in ("one_place", "other_place"):
        space: dict[str, Any] = {"__name__": name}
        exec(source, space)  # noqa: S102 - two functions with equal code objects
        made.append(space["same"])
    assert reference_of(made[0]) != reference_of(made[1])


def test_another_decorator_stays() -> None:
    assert load(reference_of(functions.wrapped)) is functions.wrapped
    assert plain_function(functions.wrapped)(1) == 1001


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("no_such_module:f", "no module named 'no_such_module'"),
        ("unit.model.functions:nothing", "unit.model.functions has no function 'nothing'"),
        ("no_such_file.py:f", "no file 'no_such_file.py' in"),
        ("<live>:a.b", "lives only in the process that defined it"),
    ],
)
def test_what_is_not_there_is_told(reference: str, text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        load(reference)
    assert text in str(refusal.value)


def test_signatures() -> None:
    assert signature_text(functions.number) == "()"
    assert signature_text(functions.add) == "(a, b=, *, c=)"
    assert signature_text(functions.anything) == "(**values)"
    assert signature_text(dag(functions.double)) == "(x)"


def keyed() -> dict[str, tuple[int, list[bytes]]]:
    return {}


@pytest.mark.parametrize(
    ("path", "annotation"),
    [
        ((), dict[str, tuple[int, list[bytes]]]),
        ((("key", "a/b~c"),), tuple[int, list[bytes]]),
        ((("key", "[0]"), ("key", 0)), int),
        ((("key", "0"), ("key", -1), ("key", 3)), bytes),
        ((("key", "a"), ("key", 7)), None),
    ],
)
def test_an_annotation_is_found_by_its_address(path: Any, annotation: Any) -> None:
    reference = reference_of(keyed)
    assert part(dict[str, tuple[int, list[bytes]]], path) == annotation
    assert resolve(address_of(reference, "return", path)) == annotation
