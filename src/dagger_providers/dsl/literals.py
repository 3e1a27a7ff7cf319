"""Literals of a pipeline: values that are written into the model as JSON."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from dagger_providers.errors import BuildError, SerializationError
from dagger_providers.model import freeze
from dagger_providers.serializers import SerializerSpec, is_json_native, load, spec_for

_JSON = SerializerSpec("json")
_SHOWN = "<reference to "
"""How the `repr` of a reference starts."""


def literal(value: Any, annotation: Any, place: str) -> Any:
    """Return a literal as frozen JSON data, checked by the serializer of its annotation.

    Raises:
        BuildError: It cannot be written as JSON so that the annotation restores it.
    """
    if type(value) is str and _SHOWN in value:
        raise BuildError(f"{place} shows a result as text: {value!r:.80}; format it in a task")
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
        load(_JSON, restored).write(value, stream)  # type: ignore[union-attr]
    except SerializationError as error:
        raise BuildError(f"{place} is no JSON literal: {error}; make it in a task") from error
    text = stream.getvalue().decode()
    if _SHOWN in text:
        raise BuildError(f"{place} shows a result as text; format it in a task")
    return freeze(json.loads(text))
