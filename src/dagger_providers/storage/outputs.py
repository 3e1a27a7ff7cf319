"""The text of documents that name outputs: of a long list it is all that is held in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO
from itertools import count
from typing import Any

from dagger_providers.serializers.records import replace
from dagger_providers.storage.artifact import Artifact, Numbered, contents, names, row
from dagger_providers.storage.documents import canonical_json


def encode(document: Mapping[str, Any], outputs: Mapping[str, Artifact]) -> bytes:
    """Return the canonical text of a document with its outputs as their JSON forms."""
    text = BytesIO()
    text.write(canonical_json(document)[:-1])
    text.write(b',"outputs":{')
    for at, (name, artifact) in enumerate(outputs.items()):
        text.write(b"," * (at > 0) + canonical_json(name) + b":")
        _encode(text, artifact)
    text.write(b"}}")
    return text.getvalue()


def _encode(text: BytesIO, artifact: Artifact) -> None:
    parts = artifact.parts
    if not isinstance(parts, Numbered) or not parts:
        text.write(canonical_json(artifact.to_json()))
        return
    text.write(canonical_json(replace(artifact, parts=None).to_json())[:-1])
    before = ',"parts":['
    for name, (sha256, size) in zip(names(parts), contents(parts), strict=True):
        one = f'{before}{{"name":"{name}","sha256":"{sha256}","size":{size}}}'
        text.write(one.encode())
        before = ","
    text.write(b"]}")


def decode(data: bytes) -> Any:
    """Parse a document; long lists of parts are rows, as `Artifact.from_json` takes them."""
    if len(data) < _LONG:
        return json.loads(data)
    lists: list[bytes] = []
    kept, end = [], 0
    for opening in re.finditer(_LIST, data):
        found = _rows(data, opening.end())
        if found is not None:
            kept += [data[end : opening.start()], _STAND_IN.encode()]
            rows, end = found
            lists.append(rows)
    left = iter(lists)

    def stood_in_for(constant: str) -> bytes:
        rows = next(left, None) if constant == _STAND_IN else None
        if rows is None:
            raise ValueError(f"JSON has no {constant}")
        return rows

    return json.loads(b"".join([*kept, data[end:]]), parse_constant=stood_in_for)


_LONG = 1 << 16
"""From so many bytes on, a document takes much more memory as JSON data than as its text."""

_STAND_IN = "-Infinity"
"""Stands for a list that is read apart: Python parses it, and no JSON text holds it."""

_LIST = rb'(?<="kind":"partitioned","parts":)\['
_PART = rb'\{"name":"(\d+)","sha256":"([0-9a-f]{64})","size":(\d{1,19})\}([,\]])'


def _rows(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The rows of a list that begins here as `encode` writes it, and where it ends."""
    rows = BytesIO()
    match = re.compile(_PART).match
    for position in count():
        part = match(data, at)
        if part is None or part[1] != b"%d" % position:
            return None
        rows.write(row(part[2].decode(), int(part[3])))
        at = part.end()
        if part[4] == b"]":
            break
    return rows.getvalue(), at
