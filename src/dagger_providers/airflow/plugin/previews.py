"""Show the beginning of a value: a table, JSON, text, a picture, files. Nothing is ever unpickled.

Only formats that hold data are opened, by readers that run no code of a value's author, and only
so much of them as is shown. pyarrow is imported late, and for Parquet alone.
"""

from __future__ import annotations

import csv
import io
import json
import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from dagger_providers.airflow.plugin.stores import Folder
from dagger_providers.errors import UsageError, one_line
from dagger_providers.serializers import NAMES
from dagger_providers.storage import Artifact

Preview = dict[str, Any]
"""Has a ``kind`` (table, json, text, image, page, bytes, files, parts, none) and what it shows."""

TEXT = 64 << 10
"""Bytes of text that are shown."""

_JSON = 512 << 10
_PICTURE = 2 << 20
_ROWS, _COLUMNS, _CELL = 50, 30, 200
_NAMES = 100
_HEX = 256
_METADATA = 16 << 20

_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


def preview(folder: Folder, artifact: Artifact, part: int | None = None) -> Preview:
    """Return the beginning of a value, or of one of its parts.

    Args:
        folder: The run's folder.
        artifact: What the commit record says of the value.
        part: Which part; None for the whole.

    Raises:
        UsageError: There is no such part.
        StorageError: It cannot be read, or only by reading too much.
    """
    if part is not None:
        parts = artifact.parts or ()
        if not 0 <= part < len(parts):
            raise UsageError(f"the value has {len(parts)} parts; there is none at {part}")
        artifact = parts[part]
    if artifact.kind != "value":
        return _parts(artifact)
    name = artifact.serializer.name
    if name == "pickle":
        return _none("A pickle is not opened here: reading one runs the code in it.")
    if name not in NAMES:
        return _none(f"Written by {name}, which is code of the pipeline's and is not run here.")
    show = _SHOWN.get(name) or _by_name(artifact.uri)
    return show(folder, artifact)


def _none(why: str) -> Preview:
    return {"kind": "none", "why": why}


def _parts(artifact: Artifact) -> Preview:
    parts = artifact.parts or ()
    prefix = f"{artifact.uri}/"
    shown = [
        {"name": part.uri.removeprefix(prefix), "size": part.size, "sha256": part.sha256}
        for part in parts[:_NAMES]
    ]
    kind = "files" if artifact.kind == "directory" else "parts"
    return {"kind": kind, "count": len(parts), "parts": shown}


def _start(folder: Folder, artifact: Artifact, limit: int) -> tuple[bytes, bool]:
    """Return a value's first bytes, and whether there are others."""
    data = folder.read_range(artifact.uri, 0, min(limit, artifact.size))
    return data, artifact.size > len(data)


# Text and what is written as text


def _text(folder: Folder, artifact: Artifact) -> Preview:
    data, more = _start(folder, artifact, TEXT)
    return {"kind": "text", "text": data.decode("utf-8", "replace"), "more": more}


def _json(folder: Folder, artifact: Artifact) -> Preview:
    if artifact.size > _JSON:
        return _text(folder, artifact)
    data, _ = _start(folder, artifact, _JSON)
    try:
        value = json.loads(data)
        text = json.dumps(value, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return _text(folder, artifact)
    table = _records(value)
    if table is not None:
        return table
    encoded = text.encode("utf-8", "replace")
    shown = encoded[:TEXT].decode("utf-8", "replace")
    return {"kind": "json", "text": shown, "more": len(encoded) > TEXT, "series": _series(value)}


def _records(value: Any) -> Preview | None:
    """Return a list of flat objects of the same keys as a table."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return None
    names = list(value[0])
    if not names or not all(isinstance(row, dict) and list(row) == names for row in value[:_ROWS]):
        return None
    if any(isinstance(cell, dict | list) for row in value[:_ROWS] for cell in row.values()):
        return None
    rows = ([row[name] for name in names[:_COLUMNS]] for row in value)
    return _table(names, [""] * len(names), rows, len(value))


def _series(value: Any) -> list[list[Any]] | None:
    """Return what can be plotted: a list of numbers, or numbers by name."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, list):
        pairs = enumerate(value)
    elif isinstance(value, dict):
        pairs = value.items()
    found = [[str(name), one] for name, one in islice(pairs, 500)]
    return found if len(found) > 1 and all(_is_number(one) for _, one in found) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _page(folder: Folder, artifact: Artifact) -> Preview:
    if artifact.size > _JSON:
        return _text(folder, artifact)
    return {**_text_of_all(folder, artifact), "kind": "page"}


def _text_of_all(folder: Folder, artifact: Artifact) -> Preview:
    data, more = _start(folder, artifact, _JSON)
    return {"text": data.decode("utf-8", "replace"), "more": more}


# Tables


def _csv(folder: Folder, artifact: Artifact) -> Preview:
    data, more = _start(folder, artifact, TEXT)
    text = data.decode("utf-8", "replace")
    if more:
        text = text.rpartition("\n")[0]
    rows = csv.reader(io.StringIO(text))
    try:
        names = next(rows, [])
        shown = [[_number(cell) for cell in row[:_COLUMNS]] for row in rows]
    except csv.Error as error:
        return _none(f"It is no CSV: {one_line(error)}")
    return _table(names, [""] * len(names), shown, None if more else len(shown))


def _number(text: str) -> str | float:
    try:
        found = float(text)
    except ValueError:
        return text
    return found if math.isfinite(found) and len(text) <= 17 else text  # noqa: PLR2004 - of a float


def _parquet(folder: Folder, artifact: Artifact) -> Preview:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return _none("Tables are shown where the API server has pyarrow.")
    tail = folder.read_range(artifact.uri, max(0, artifact.size - 8), artifact.size)
    if tail[4:] != b"PAR1" or int.from_bytes(tail[:4], "little") > _METADATA:
        return _none("It is no Parquet file, or one whose description is too long to be read here.")
    try:
        with folder.open_read(artifact.uri, artifact.size) as stream:
            file = parquet.ParquetFile(stream, buffer_size=1 << 16, pre_buffer=False)
            fields = list(file.schema_arrow)[:_COLUMNS]
            names = [one.name for one in fields]
            batches = file.iter_batches(_ROWS, columns=names, use_threads=False)
            batch = next(batches, None)
            rows = _rows_of(batch, names) if batch is not None else []
            count, width = file.metadata.num_rows, len(file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        return _none(f"It is no Parquet file that can be read: {one_line(error)}")
    table = _table(names, [str(one.type) for one in fields], rows, count)
    return {**table, "columns_in_all": width}


def _rows_of(batch: Any, names: Sequence[str]) -> list[list[Any]]:
    columns = [batch.column(number).to_pylist() for number in range(len(names))]
    return [list(row) for row in zip(*columns, strict=True)]


def _table(
    names: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]], count: int | None
) -> Preview:
    """Return a table: its first rows and columns, each cell short."""
    return {
        "kind": "table",
        "columns": [
            {"name": _short(name), "type": kind}
            for name, kind in zip(names[:_COLUMNS], types, strict=False)
        ],
        "columns_in_all": len(names),
        "rows": [[_cell(cell) for cell in row] for row in islice(rows, _ROWS)],
        "rows_in_all": count,
    }


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if _is_number(value) and abs(value) < 2**53 else str(value)
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[:_CELL]}…"


# Files and bytes


def _file(folder: Folder, artifact: Artifact) -> Preview:
    data, more = _start(folder, artifact, _PICTURE)
    kind = _picture_kind(data)
    if kind and not more:
        return {"kind": "image", "type": kind, "data": b64encode(data).decode()}
    if kind:
        return _none(f"A picture of more than {_PICTURE >> 20} MB is not shown here.")
    return {
        "kind": "bytes",
        "hex": data[:_HEX].hex(" "),
        "text": "".join(chr(one) if 32 <= one < 127 else "." for one in data[:_HEX]),  # noqa: PLR2004 - ASCII
        "more": artifact.size > _HEX,
    }


def _picture_kind(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] != b"WEBP":
        return ""
    return next((kind for start, kind in _PICTURES.items() if data.startswith(start)), "")


_Show = Callable[[Folder, Artifact], Preview]

_SHOWN: Mapping[str, _Show] = {
    "bytes": _file,
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "text": _text,
}
_BY_SUFFIX: Mapping[str, _Show] = {
    "csv": _csv,
    "htm": _page,
    "html": _page,
    "json": _json,
    "parquet": _parquet,
    "svg": _page,
    **dict.fromkeys(("log", "md", "py", "toml", "tsv", "txt", "xml", "yaml", "yml"), _text),
}
_PICKLED = frozenset({"dill", "joblib", "npy", "npz", "pickle", "pkl", "pt", "pth", "skops"})


def _by_name(uri: str) -> _Show:
    """Return what shows a file, as its name says."""
    suffix = uri.rpartition("/")[2].rpartition(".")[2].lower()
    if suffix in _PICKLED:
        return lambda folder, artifact: _none(f"A .{suffix} file may hold code, and is not opened.")
    return _BY_SUFFIX.get(suffix, _file)
