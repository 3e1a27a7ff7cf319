"""What every manifest of containers says alike: the node command, a step's card, JSON texts."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from dagger_providers.card import dumps, in_image
from dagger_providers.card.argv import card_options
from dagger_providers.planning.plan import Step

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
    """Write a manifest to a file or URI, in one piece."""
    from dagger_providers.storage.store import open_parent

    folder, name = open_parent(path)
    folder.write_atomic(name, text.encode())
