"""A pipeline as a JSON document, and that document's schema."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from dagger_providers.errors import FormatError, one_line
from dagger_providers.model.frozen import reading_document, to_data
from dagger_providers.model.nodes import DAG
from dagger_providers.storage import check_format

FORMAT = "dagger-providers.dag"
MAJOR = 1


def to_json(dag: DAG) -> dict[str, Any]:
    """Return a DAG as JSON data; names stand in the order that the DAG has them in."""
    return {"format": f"{FORMAT}/{MAJOR}", **to_data(dag)}


def from_json(document: Any) -> DAG:
    """Read a DAG from JSON data; unknown fields are ignored.

    Raises:
        FormatError: It is no DAG document, or one of a later major version.
        ModelError: The DAG is not valid.
    """
    if not isinstance(document, dict):
        raise FormatError(f"a pipeline document is an object, not {type(document).__name__}")
    check_format(document, FORMAT, MAJOR, "the pipeline document")
    token = reading_document.set(True)
    try:
        return DAG(**document)
    finally:
        reading_document.reset(token)


def dumps(dag: DAG) -> str:
    """Return a DAG as readable JSON text, the same in every process."""
    return json.dumps(to_json(dag), indent=2, ensure_ascii=False) + "\n"


def loads(text: str) -> DAG:
    """Read the text that `dumps` wrote; raises as `from_json`."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FormatError(f"the pipeline document is no JSON: {one_line(error)}") from error
    return from_json(document)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of pipeline documents; fields of later versions pass it."""
    schema = _open(DAG.model_json_schema(schema_generator=_Schema))
    root: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A pipeline of dagger-providers",
        "type": "object",
        "required": ["format"],
        "properties": {"format": {"type": "string", "pattern": f"^{FORMAT}/[0-9]+$"}},
    }
    definitions = schema.pop("$defs")
    return {**root, "allOf": [schema], "$defs": definitions}


class _Schema(GenerateJsonSchema):
    """Leaves out defaults that are no JSON: documents leave out defaults anyway."""

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        if kind != "non-serializable-default":
            super().emit_warning(kind, detail)


def _open(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: _open(value)
            for key, value in schema.items()
            if not (key == "additionalProperties" and value is False)
        }
    return [_open(item) for item in schema] if isinstance(schema, list) else schema
