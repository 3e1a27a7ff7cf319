"""What may be compiled: a decorated function or a model; and the files that it comes from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from dagger_providers.card.functions import is_file_reference
from dagger_providers.errors import UsageError
from dagger_providers.model import DAG
from dagger_providers.model.hooks import hooks_of
from dagger_providers.model.nodes import AnyNode, Task, children

if TYPE_CHECKING:
    from dagger_providers.dsl.decorators import DagFunction

Pipeline: TypeAlias = "DAG | DagFunction[..., Any]"
"""A function decorated by `dagger_providers.dag`, or the model that it builds."""


def dag_of(pipeline: Pipeline) -> DAG:
    """Return the model of a pipeline, building it if need be.

    Raises:
        UsageError: It is something else.
    """
    if isinstance(pipeline, DAG):
        return pipeline
    build = getattr(pipeline, "build", None)
    if build is None:
        raise UsageError(f"expected a function decorated by @dag or a DAG, got {pipeline!r:.60}")
    dag: DAG = build()
    return dag


def files_of(dag: DAG) -> set[Path]:
    """Return the files that hold a pipeline and its functions, as far as this process knows them.

    Of a document, that is no such file: whoever has read it knows which it was.
    """
    references = set(_references(dag))
    return {file for one in references if (file := _file_of(one, dag.code_root)) is not None}


def check_output(path: str | os.PathLike[str], files: Iterable[Path]) -> None:
    """Refuse to write a file in the place of one that a pipeline comes from.

    Raises:
        UsageError: It is one of these.
    """
    place = Path(path)  # a URI is no place here
    if place.exists() and any(file.exists() and place.samefile(file) for file in files):
        raise UsageError(
            f"{os.fspath(path)} is a file that the pipeline comes from, and would be overwritten; "
            "name another one to write"
        )


def _references(node: AnyNode) -> Iterator[str]:
    """Yield the references of a node's functions, its hooks' and those of the nodes inside it."""
    match node:
        case DAG():
            yield node.function or ""
            for _, hook in hooks_of(node):
                yield from _references(hook)
        case Task():
            yield from (node.function, node.on_failure)
        case _:
            pass
    for inner in children(node).values():
        yield from _references(inner)


def _file_of(reference: str, root: str | None) -> Path | None:
    target = reference.rpartition(":")[0]
    if is_file_reference(reference):
        return Path(root or "", target)
    file = getattr(sys.modules.get(target), "__file__", None)
    return Path(file) if file else None
