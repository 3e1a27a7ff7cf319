"""What the docstrings of functions say, as the descriptions of nodes."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any


def description_of(function: Any) -> str:
    """Return a function's docstring without its indentation; empty when it has none."""
    return cleandoc(function.__doc__ or "").strip()


def summary(description: str) -> str:
    """Return the first paragraph of a description, in one line."""
    return " ".join(description.partition("\n\n")[0].split())
