"""Literals of a pipeline: values that are written into the model as JSON."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from dagger_providers.errors import BuildError, SerializationError
from dagger_providers.model import freeze
from dagger_providers.serializers import SerializerSpec, is_json_native, load, spec_for

_JSON = SerializerSpec("json")


def literal(value: Any, annotation: Any, place: str) -> Any:
    """Return a literal as frozen JSON data, checked by the serializer of its annotation.

    Raises:
        BuildError: It cannot be written as JSON so that the annotation restores it.
    """
    restored = annotation if annotation is not None and not is_json_native(annotation) else None
    if restored is None and (value is None or type(value) in {str, int, bool}):
        return value
    if restored is not None:
        spec = spec_for(restored)
        if spec is None or spec.name not in {"json", "path"}:
            # Its own serializer writes files, which a literal is not: take plain JSON data only.
            restored = None
    stream = BytesIO()
    try:
        load(_JSON, restored).write(value, stream)
    except SerializationError as error:
        raise BuildError(f"{place} is no JSON literal: {error}; make it in a task") from error
    return freeze(json.loads(stream.getvalue()))
