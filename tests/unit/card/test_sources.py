"""What a function's code is: what changes the digest, and what does not."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

from dagger_providers.card.sources import Sources, sources_of
from dagger_providers.errors import UsageError

PROJECT = {
    "flow.py": '''"""A pipeline."""
from __future__ import annotations

import json
from datetime import timedelta

import lib
import registered_here
from dagger_providers import dag, task
from pkg.inner import deep
from shared import REGISTRY, Base, scale

FACTOR = 2
OTHER = 3


class Rows:
    size = 1


def helper(x):
    """Help."""
    return x * FACTOR


def unused(x):
    return x


@REGISTRY.add
def plugin():
    return 1


class Derived(Base):
    pass


@task(cache=True, retries=1, timeout=timedelta(seconds=3))
def fit(x: int, rows: "Rows" = None) -> int:
    """Fit."""
    from late import later

    return lib.twice(scale(helper(x))) + deep() + later() + len(REGISTRY) + Base.count()


@task
def another(x: int) -> str:
    return json.dumps(OTHER + unused(x))


@dag
def flow(x: int = 1):
    return another(fit(x))


if __name__ == "__main__":
    flow.run()
''',
    "lib.py": (
        "import below\n\ndef twice(x):\n    return below.double(x)\n\ndef spare():\n    pass\n"
    ),
    "below.py": "def double(x):\n    return 2 * x\n",
    "shared.py": (
        "class Base:\n    count = staticmethod(lambda: 1)\n\n"
        "REGISTRY = set()\n\ndef scale(x):\n    return x\n"
    ),
    "late.py": "def later():\n    return 1\n",
    "registered_here.py": "import os\nos.environ['SEEN'] = '1'\n",
    "not_used.py": "X = 1\n",
    "pkg/__init__.py": "from pkg.aside import nothing\n",
    "pkg/inner.py": "from . import near\n\ndef deep():\n    return near.value()\n",
    "pkg/near.py": "def value():\n    return 1\n",
    "pkg/aside.py": "nothing = None\n",
}

STEMS = ("flow", "lib", "below", "shared", "late", "registered_here", "not_used", "pkg")

SAME: dict[str, tuple[str, str, str]] = {
    "a comment": ("flow.py", "return x * FACTOR", "return x * FACTOR  # twice"),
    "formatting": ("flow.py", "return x * FACTOR", "return (\n        x*FACTOR\n    )"),
    "a docstring": ("flow.py", '"""Fit."""', '"""Fit a model."""'),
    "a helper's docstring": ("flow.py", '"""Help."""', ""),
    "the module's docstring": ("flow.py", '"""A pipeline."""', '"""Another."""'),
    "an option of ours": ("flow.py", "retries=1, timeout=timedelta(seconds=3)", "retries=4"),
    "another task": ("flow.py", "json.dumps(OTHER", "json.dumps(1 + OTHER"),
    "a constant that it does not use": ("flow.py", "OTHER = 3", "OTHER = 4"),
    "a function that it does not use": ("flow.py", "def unused(x):", "def unused(x, y=1):"),
    "the pipeline": ("flow.py", "return another(fit(x))", "return fit(x)"),
    "what a script does": ("flow.py", "    flow.run()", "    flow.run(x=2)"),
    "a module that nothing imports": ("not_used.py", "X = 1", "X = 2"),
    "what a package on the way imports": ("pkg/aside.py", "None", "1"),
    "a comment elsewhere": ("below.py", "return 2 * x", "return 2 * x  # double"),
    "an import of ours": ("flow.py", "import dag, task", "import dag, loop, task"),
}

OTHER: dict[str, tuple[str, str, str]] = {
    "its body": ("flow.py", "+ later()", "- later()"),
    "its default": ("flow.py", "= None) -> int", "= 1) -> int"),
    "a helper": ("flow.py", "x * FACTOR", "x + FACTOR"),
    "a constant of a helper": ("flow.py", "FACTOR = 2", "FACTOR = 3"),
    "a class in a textual annotation": ("flow.py", "size = 1", "size = 2"),
    "what registers itself": ("flow.py", "return 1\n\n\nclass", "return 2\n\n\nclass"),
    "what derives from a class that it uses": ("flow.py", "pass\n\n\n@task", "a = 1\n\n\n@task"),
    "a module that it imports": ("shared.py", "    return x\n", "    return -x\n"),
    "any function there": ("lib.py", "    pass", "    return 1"),
    "a module that this imports": ("below.py", "2 * x", "3 * x"),
    "a module imported inside it": ("late.py", "return 1", "return 2"),
    "a module imported for its effects": ("registered_here.py", "'1'", "'2'"),
    "a relative import": ("pkg/near.py", "return 1", "return 2"),
    "a package on the way": ("pkg/__init__.py", "nothing\n", "nothing\nx = 1\n"),
    "what runs with the module": ("flow.py", "OTHER = 3", "OTHER = 3\nREGISTRY.add(OTHER)"),
    "any name at all": ("flow.py", "OTHER = 3\n", "OTHER = 3\nFACTOR += 1\n"),
}

Look = Callable[..., Sources]


def taken_out() -> dict[str, ModuleType]:
    """Take the modules out of this process that are called as those of the project."""
    tops = {name: name.partition(".")[0].partition("_of_")[0] for name in sys.modules}
    names = [name for name, top in tops.items() if top in STEMS]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture(autouse=True)
def _own_modules() -> Iterator[None]:
    before = taken_out()
    yield
    taken_out()
    sys.modules.update(before)


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Write a project to a folder of its own, import it, and return the sources of `flow.fit`."""
    count = 0

    def look(*change: str, name: str = "fit") -> Sources:
        nonlocal count
        count += 1
        folder = tmp_path / str(count)
        write(folder, PROJECT)
        if change:
            file, old, new = change
            text = (folder / file).read_text()
            assert text.count(old) == 1
            (folder / file).write_text(text.replace(old, new))
        taken_out()
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(folder))
            flow = importlib.import_module("flow")
            return sources_of([getattr(flow, name)])

    return look


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_does_not_matter(change: tuple[str, str, str], look: Look) -> None:
    assert look(*change) == look()


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_is_other_code(change: tuple[str, str, str], look: Look) -> None:
    assert look(*change).digest != look().digest


def test_another_task_of_the_module_sees_its_own_part(look: Look) -> None:
    change = ("flow.py", "x * FACTOR", "x + FACTOR")
    assert look(*change, name="another") == look(name="another")


def test_who_asks_for_any_name_depends_on_all(look: Look) -> None:
    text = PROJECT["flow.py"]
    dynamic = text.replace("return lib.twice(", "return globals()['lib'].twice(")
    changed = dynamic.replace("def unused(x):", "def unused(x, y=1):")
    assert look("flow.py", text, dynamic).digest != look("flow.py", text, changed).digest


def test_versions_of_what_is_installed(look: Look) -> None:
    found = look("lib.py", "    pass", "    import yaml, tenacity.wait, no_such").installed
    yaml, tenacity = version("PyYAML"), version("tenacity")
    assert [name.lower() for name in found] == ["no_such", f"pyyaml-{yaml}", f"tenacity-{tenacity}"]


def test_nothing_more_is_executed(look: Look) -> None:
    look()
    assert "late" not in sys.modules
    assert "pkg.inner" in sys.modules


def test_is_the_same_in_every_process(tmp_path: Path) -> None:
    code = (
        "from dagger_providers.card.functions import load\n"
        "from dagger_providers.card.sources import sources_of\n"
        "print(sources_of([load('flow.py:fit')]))"
    )
    said = set()
    for seed in ("1", "2"):
        folder = tmp_path / seed
        write(folder, PROJECT)
        ended = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )  # fmt: skip
        said.add(ended.stdout)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x * FACTOR", "x + FACTOR"),
        ("FACTOR = 2", "FACTOR = 4"),
        ("    size = 1", "    size = 1\n\n    def more(self):\n        pass\n\n"),
    ],
)
def test_a_file_that_was_changed_after_it_was_loaded(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"flow_of_{len(old)}_{len(new)}"
    write(tmp_path, {**PROJECT, f"{name}.py": PROJECT["flow.py"]})
    monkeypatch.syspath_prepend(str(tmp_path))
    fit = importlib.import_module(name).fit
    assert sources_of([fit]).changed == ()
    (tmp_path / f"{name}.py").write_text(PROJECT["flow.py"].replace(old, new))
    assert sources_of([fit]).changed == (name,)
    elsewhere = PROJECT["flow.py"].replace("return x\n\n\n@R", "return -x\n\n\n@R")
    (tmp_path / f"{name}.py").write_text(elsewhere)
    assert sources_of([fit]).changed == ()


def test_a_module_that_imports_what_answers_no_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = "from pydantic import BaseModel\n\nclass Row(BaseModel):\n    x: int\n"
    flow = "import base_models\n\ndef fit(x):\n    return base_models.Row(x=x)\n"
    write(tmp_path, {"base_models.py": models, "flow_of_models.py": flow})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert sources_of([importlib.import_module("flow_of_models").fit]).changed == ()


def test_code_without_a_file() -> None:
    namespace: dict[str, object] = {"__name__": "nowhere_at_all"}
    exec("def made():\n    return 1", namespace)  # noqa: S102 - that is what has no file
    with pytest.raises(UsageError, match="module 'nowhere_at_all' has no file"):
        sources_of([namespace["made"]])
