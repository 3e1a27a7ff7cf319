"""The outline of a pipeline in its DAG's serialized form, where the API server finds it.

It stands with the DAG's first task, as Airflow keeps nothing of ours with a DAG itself. So it is
that of each version of the DAG, needs no run, and costs the store nothing.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from airflow.sdk import DAG, BaseOperator

from dagger_providers.errors import FormatError
from dagger_providers.planning import Plan
from dagger_providers.planning.outline import FORMAT, MAJOR, Outline, from_json, to_json

_PREFIX = f"{FORMAT}/{MAJOR} "
_LONGEST = 1 << 26
"""Bytes of JSON above which an outline is none of ours: one of 200,000 nodes has fewer."""


def attach(dag: DAG, lowered: Plan, outline: Outline) -> None:
    """Let a DAG carry the outline of its pipeline."""
    for group in lowered.groups:
        task = dag.get_task(group.steps[0])
        if isinstance(task, BaseOperator):  # so is the first, for a mapped one needs a list
            task.doc_json = packed(outline)
            return


def packed(outline: Outline) -> str:
    """Return an outline as short text."""
    text = json.dumps(to_json(outline), ensure_ascii=False, separators=(",", ":"))
    return _PREFIX + b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(text: str) -> Outline:
    """Read what `packed` made.

    Raises:
        FormatError: It is none, or one of a later version.
    """
    form, _, rest = text.partition(" ")
    if f"{form} " != _PREFIX:
        raise FormatError(f"the DAG's outline is {form:.60}, and this version reads {_PREFIX}")
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(b64decode(rest, validate=True), _LONGEST)
        if not reader.eof:
            raise FormatError(f"the DAG's outline has more than {_LONGEST} bytes, or is cut off")
        return from_json(json.loads(data))
    except (ValueError, zlib.error) as error:
        raise FormatError(f"the DAG's outline is broken: {error}") from error


def outline_in(serialized: Mapping[str, Any]) -> Outline | None:
    """Return the outline that a serialized DAG carries, if it is one of ours.

    Raises:
        FormatError: It is broken, or one of a later version.
    """
    for task in serialized.get("dag", {}).get("tasks", ()):
        text = task.get("__var", {}).get("doc_json") or ""
        if text.startswith(f"{FORMAT}/"):
            return unpacked(text)
    return None
