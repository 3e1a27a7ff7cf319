"""Read a pipeline that a person wrote as YAML or JSON, and write one for a person."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagger_providers.card.functions import is_file_reference
from dagger_providers.dsl.plain_yaml import dump_yaml, load_yaml
from dagger_providers.dsl.reading import Reader
from dagger_providers.dsl.shorthand import short
from dagger_providers.errors import DaggerProvidersError, FormatError, UsageError
from dagger_providers.model import DAG, FrozenMapping, to_json
from dagger_providers.model.documents import FORMAT, MAJOR
from dagger_providers.model.frozen import Frozen
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.records import replace
from dagger_providers.storage import check_format

SUFFIXES = (".yaml", ".yml", ".json")
"""How the names of documents end."""


def read_document(path: str, *, any_callable: bool = False) -> DAG:
    """Read a pipeline from a YAML or JSON file.

    What the file names is imported: functions as ``module:name``, or as ``file.py:name`` relative
    to the file's folder. In YAML a name that nothing knows is refused; in JSON, which programs
    write, it is a later version's and ignored.

    Args:
        path: The file; what its name ends with says how it is written.
        any_callable: Whether it may name other functions than decorated tasks and pipelines, and
            serializers that no decorator names.

    Raises:
        UsageError: It cannot be read, or names what it may not.
        FormatError: It is no pipeline document, or of a later major version.
        ModelError: The pipeline is not valid. Each message names the file and the place in it.
    """
    try:
        data = _data(path)
        if not isinstance(data, dict):
            found = _WORDS.get(type(data), "a value alone")
            raise FormatError(
                f"a pipeline document is a mapping with 'format: {FORMAT}/{MAJOR}'; this is {found}"
            )
        check_format(data, FORMAT, MAJOR, "the document")
        is_yaml = not path.endswith(".json")
        if is_yaml:
            data = {"name": Path(path).stem.replace("_", "-"), **data}
        return Reader(str(Path(path).resolve().parent), any_callable, strict=is_yaml).root(data)
    except RecursionError:
        raise FormatError(f"{path}: it is nested too deeply to be read") from None
    except DaggerProvidersError as error:
        kind = type(error) if type(error).__init__ is Exception.__init__ else UsageError
        raise kind(f"{path}: {error}") from error.__cause__


def seen_from(dag: DAG, folder: str, root: str) -> DAG:
    """Return a pipeline whose references to files lead from a folder, for a document in it.

    Args:
        dag: The pipeline.
        folder: Where the document is to be read.
        root: The folder that its references are relative to; those to no file in it stay.
    """
    moved: DAG = _moved(dag, "", os.path.relpath(root, folder), root)
    return moved.rooted(folder)


def _moved(part: Any, name: str, way: str, root: str) -> Any:
    """Return a part of a model with its references to files in `root` led by a way to it."""
    if isinstance(part, str):
        return _led(part, way, root) if name in _REFERENCES else part
    if isinstance(part, Frozen):
        fields = vars(part).items()
        return part.having(**{field: _moved(value, field, way, root) for field, value in fields})
    if isinstance(part, SerializerSpec):
        return replace(part, annotation=_moved(part.annotation, "annotation", way, root))
    if isinstance(part, Mapping):
        return FrozenMapping({key: _moved(value, "", way, root) for key, value in part.items()})
    if isinstance(part, tuple):
        return tuple(_moved(item, "", way, root) for item in part)
    return part


def _led(reference: str, way: str, root: str) -> str:
    function = reference.partition("#")[0]  # an annotation's address goes on
    file = function.rpartition(":")[0]
    if not is_file_reference(function) or not Path(root, file).is_file():
        return reference
    return f"{os.path.normpath(Path(way, file))}{reference[len(file) :]}"


_REFERENCES = frozenset({"function", "on_failure", "annotation"})

_WORDS: dict[type, str] = {
    type(None): "empty",
    list: "a list",
    str: "a text",
    bool: "a bool",
    int: "a number",
    float: "a number",
}


def write_yaml(dag: DAG) -> str:
    """Return a pipeline as YAML for people; `read_document` gives it back."""
    return dump_yaml(short({"name": dag.name, **to_json(dag)}))


def _data(path: str) -> Any:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"it cannot be read: {reason}") from error
    if not path.endswith(".json"):
        return load_yaml(text)
    try:
        return json.loads(text)
    except ValueError as error:
        raise FormatError(f"it is no JSON: {error}") from error
