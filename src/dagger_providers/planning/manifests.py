"""What every manifest of containers says alike: the node command, a step's card, JSON texts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from dagger_providers.card import dumps, in_image
from dagger_providers.card.argv import card_options
from dagger_providers.errors import UsageError
from dagger_providers.model import DAG, FromParam, check_parameters
from dagger_providers.planning.capabilities import Refusal, refuse
from dagger_providers.planning.plan import Step

T = TypeVar("T")

COMMAND = ("python", "-m", "dagger_providers", "run-node")

LONGEST_ARGUMENT = 131_071
"""Bytes of one argument of a command on Linux: each parameter that a task reads is one."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the containers run.

    Attributes:
        store: The store that holds all runs, as containers reach it.
        image: The image of tasks that name none.
        code_root: The folder in the image that ``file.py:name`` functions are relative to.
    """

    store: str
    image: str | None = None
    code_root: str | None = None


ANYWHERE = Target("memory://check", "image")
"""Where to compile a pipeline to, only to look at what it becomes: cards too long for a manifest
are put into a store of this process only."""


def card_words(step: Step, store: str, image: str) -> list[str]:
    """Return the options of the node command that give it the step's card, in an image.

    Engines of manifests look for ``{{`` in all texts; the card's text has none.
    """
    return card_options(without_braces(dumps(in_image(step.card, image))), store)


def json_text(data: Any) -> str:
    """Return compact JSON text that no engine takes for a template of its own."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return without_braces(text)


def without_braces(text: str) -> str:
    """Return the same JSON without ``{{``, which stands in JSON only inside strings."""
    return text.replace("{{", "{\\u007b")


def write(text: str, path: str | os.PathLike[str]) -> None:
    """Write a manifest to a file or URI, in one piece.

    Raises:
        UsageError: It is a device or pipe, in whose place a file would come to lie.
    """
    from dagger_providers.storage.store import open_parent

    place = Path(path)  # a URI is no place here
    if place.exists() and not (place.is_file() or place.is_dir()):
        raise UsageError(f"{os.fspath(path)} is a device or pipe; name a file for the manifest")

    folder, name = open_parent(path)
    folder.write_atomic(name, text.encode())


def handed_on(
    dag: DAG,
    given: Mapping[str, Any],
    refusals: Callable[[str, FromParam, Any], Iterator[Refusal]],
    encoded: Callable[[FromParam, Any], T],
) -> dict[str, T]:
    """Return JSON data of parameters as an engine takes them.

    Args:
        dag: The pipeline.
        given: JSON data by parameter.
        refusals: Yields why the engine would not hand on a value as it is.
        encoded: Makes the engine's value of one.

    Raises:
        UsageError: A parameter is unknown or missing.
        CapabilityError: The engine would not hand one on as it is.
    """
    check_parameters(dag, given)
    sources = {n: s for n, s in dag.inputs.items() if n in given and isinstance(s, FromParam)}
    refuse(r for name, source in sources.items() for r in refusals(name, source, given[name]))
    return {name: encoded(source, given[name]) for name, source in sources.items()}
