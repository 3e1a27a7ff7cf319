"""`__all__` is what can be reached, no more and no less."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from importlib.metadata import version

import pytest

import dagger_providers

SUBMODULES = {module.name for module in pkgutil.iter_modules(dagger_providers.__path__)}


def test_all_is_sorted_and_reachable() -> None:
    names = list(dagger_providers.__all__)

    assert names == sorted(set(names))
    assert [name for name in names if not hasattr(dagger_providers, name)] == []


def test_nothing_else_is_reachable() -> None:
    public = {name for name in dir(dagger_providers) if not name.startswith("_")}

    assert public - SUBMODULES == {name for name in dagger_providers.__all__ if name[0] != "_"}


def test_a_fresh_interpreter_lists_the_same_names() -> None:
    code = "import dagger_providers as d; print(*sorted(set(dir(d)) & set(d.__all__)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == list(dagger_providers.__all__)


def test_the_version_is_the_installed_one() -> None:
    assert dagger_providers.__version__ == version("dagger-providers")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = dagger_providers.no_such_name  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(dagger_providers.__all__))
def test_every_public_function_and_class_has_a_docstring(name: str) -> None:
    value = getattr(dagger_providers, name)

    if inspect.isclass(value) or inspect.isroutine(value):
        assert inspect.getdoc(value), f"{name} has no docstring"


@pytest.mark.parametrize("package", sorted(SUBMODULES - {"__main__", "airflow", "kfp", "testing"}))
def test_every_package_lists_only_names_that_exist(package: str) -> None:
    module = importlib.import_module(f"dagger_providers.{package}")

    assert [name for name in getattr(module, "__all__", []) if not hasattr(module, name)] == []
