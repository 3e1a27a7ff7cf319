"""Find the pipeline that a REF names: in a Python file or module, or a YAML or JSON document."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from dagger_providers.card.files import load_file
from dagger_providers.dsl.build import build
from dagger_providers.dsl.decorators import DagFunction, TaskFunction
from dagger_providers.dsl.documents import SUFFIXES, read_document
from dagger_providers.errors import DaggerProvidersError, UsageError, line_of, one_line
from dagger_providers.model import DAG
from dagger_providers.model.documents import FORMAT

_MARKS = {".py": b"dagger_providers", **dict.fromkeys(SUFFIXES, FORMAT.encode())}
"""What a file that holds a pipeline says, by how its name ends."""


def find_pipeline(ref: str, *, any_callable: bool = False) -> DagFunction[..., Any] | DAG:
    """Import what a REF names.

    Args:
        ref: A file or module, then ``:NAME``; the name may be left out when there is one pipeline.
        any_callable: Whether a document may name functions that are not decorated.

    Returns:
        A decorated pipeline function, or a model made by hand or read from a document.

    Raises:
        UsageError: There is no such file, module or pipeline; the message says what there is.
        FormatError: The document is no pipeline, or of a later major version.
    """
    if ref.endswith(SUFFIXES):
        return read_document(ref, any_callable=any_callable)
    target, name = _split(ref)
    module = _module(target)
    pipelines = _pipelines(module)
    if name:
        found = getattr(module, name, None)
        if not isinstance(found, DagFunction | DAG):
            raise UsageError(f"{target} has no pipeline {name!r}; it has: {_listed(pipelines)}")
        return found
    if not pipelines:
        raise UsageError(f"{target} has no pipeline: decorate a function with @dag")
    if len(pipelines) > 1:
        named = " or ".join(f"{target}:{one}" for one in pipelines)
        raise UsageError(f"{target} has {len(pipelines)} pipelines; write {named}")
    return next(iter(pipelines.values()))


def find_all(ref: str, *, any_callable: bool = False) -> list[DagFunction[..., Any] | DAG]:
    """Import all that a REF names: the one pipeline, or those of a file, module or folder.

    Raises:
        UsageError: There is no such file, module or pipeline; the message says what there is.
        FormatError: A document is no pipeline, or of a later major version.
    """
    if not os.path.isdir(ref):  # noqa: PTH112
        several = not ref.endswith(SUFFIXES) and not _split(ref)[1]
        found = list(find_pipelines(ref).values()) if several else []
        return found or [find_pipeline(ref, any_callable=any_callable)]
    inside = [str(Path(ref, file)) for file in pipeline_files(Path(ref))]
    found = [
        pipeline
        for file in inside
        for pipeline in (
            [read_document(file, any_callable=any_callable)]
            if file.endswith(SUFFIXES)
            else find_pipelines(file).values()
        )
    ]
    if not found:
        raise UsageError(f"no file in the folder {ref} has a pipeline")
    return found


def find_part(
    ref: str, *, any_callable: bool = False
) -> TaskFunction[..., Any] | DagFunction[..., Any] | DAG:
    """Import what a REF names, which may be a task too; raises as `find_pipeline` does."""
    target, name = ("", "") if ref.endswith(SUFFIXES) else _split(ref)
    found = getattr(_module(target), name, None) if name else None
    return (
        found if isinstance(found, TaskFunction) else find_pipeline(ref, any_callable=any_callable)
    )


def find_pipelines(path: str) -> dict[str, DagFunction[..., Any] | DAG]:
    """Import a file, and return the pipelines that it defines; raises as `find_pipeline` does."""
    if path.endswith(SUFFIXES):
        return {Path(path).stem: read_document(path)}
    module = _module(path)
    return _defined(module, _all(module))


def pipeline_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that may hold pipelines, relative to it, without running any.

    What is hidden, or whose name or folder begins with an underscore, holds none.
    """
    for place in sorted(folder.rglob("*")):
        file = place.relative_to(folder)
        mark = _MARKS.get(file.suffix)
        hidden = any(part.startswith((".", "_")) for part in file.parts)
        if mark and not hidden and place.is_file() and mark in place.read_bytes():
            yield file


def build_ref(ref: str, *, any_callable: bool = False) -> DAG:
    """Return the model of what a REF names; raises as `find_pipeline` and `build` do."""
    found = find_pipeline(ref, any_callable=any_callable)
    return found if isinstance(found, DAG) else build(found)


def document_folder(ref: str) -> str | None:
    """Return the folder of the document that a REF names; None when it names code."""
    return os.path.dirname(os.path.abspath(ref)) if ref.endswith(SUFFIXES) else None  # noqa: PTH100, PTH120


def _split(ref: str) -> tuple[str, str]:
    target, _, name = ref.rpartition(":")
    if not target or "/" in name or name.endswith(".py"):
        return ref, ""
    return target, name


def _module(target: str) -> ModuleType:
    """Import what a REF names.

    Raises:
        UsageError: There is no such module, or its own code raises when it is imported.
    """
    try:
        return _imported(target)
    except DaggerProvidersError:
        raise
    except Exception as error:
        problem = f"{type(error).__name__}: {one_line(error)}"
        raise UsageError(f"{target} cannot be imported: {problem}{line_of(error)}") from error


def _imported(target: str) -> ModuleType:
    if target.endswith(".py"):
        return load_file(target)
    if not target.strip("."):
        raise UsageError(f"{target!r} names no pipeline: write FILE.py[:NAME] or module[:NAME]")
    if "/" in target or "\\" in target:
        raise UsageError(f"{target!r} is neither a .py file nor a module's dotted name")
    import importlib
    import sys

    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` does: the current folder's modules
    try:
        return importlib.import_module(target)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{target}.".startswith(f"{error.name}."):
            raise
        raise UsageError(f"no module named {target!r}; a file is written with its .py") from None


def _pipelines(module: ModuleType) -> dict[str, DagFunction[..., Any] | DAG]:
    """Return the pipelines that a module defines, each under its first name.

    Those that it imports count only when it defines none.
    """
    found = _all(module)
    return _defined(module, found) or found


def _all(module: ModuleType) -> dict[str, DagFunction[..., Any] | DAG]:
    found: dict[str, DagFunction[..., Any] | DAG] = {}
    for name, value in vars(module).items():
        if isinstance(value, DagFunction | DAG) and all(value is not v for v in found.values()):
            found[name] = value
    return found


def _defined(
    module: ModuleType, found: dict[str, DagFunction[..., Any] | DAG]
) -> dict[str, DagFunction[..., Any] | DAG]:
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, DAG) or value.__wrapped__.__module__ == module.__name__
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
