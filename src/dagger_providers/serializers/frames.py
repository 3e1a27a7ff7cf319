"""The serializers of data frames: Parquet and CSV, by pandas, polars or pyarrow."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, BinaryIO

from dagger_providers.errors import (
    DaggerProvidersError,
    DeserializationError,
    MissingExtraError,
    SerializationError,
    UsageError,
    one_line,
)
from dagger_providers.serializers.records import Record

_CLASSES = {
    "pandas": ("pandas", "DataFrame"),
    "polars": ("polars", "DataFrame"),
    "arrow": ("pyarrow", "Table"),
}


class ParquetSerializer(Record):
    """A data frame as Parquet; equal frames give equal bytes with equal library versions.

    Attributes:
        frame: The library whose frames it writes and gives back: pandas, polars or arrow.
    """

    frame: str = "pandas"
    name: str = "parquet"
    extension: str = "parquet"

    def __post_init__(self) -> None:
        _check_frame(self.frame, self.name)

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a frame of the library named by `frame`."""
        _check_value(self.frame, value)
        _write(self.frame, _PARQUET_WRITERS[self.frame], value, stream)

    def read(self, stream: BinaryIO) -> Any:
        """Read a frame of the library named by `frame`."""
        return _read("Parquet", self.frame, _PARQUET_READERS[self.frame], stream)


class CsvSerializer(Record):
    """A data frame as UTF-8 CSV with a header; types are guessed on reading, an index is lost.

    Attributes:
        frame: The library whose frames it writes and gives back: pandas, polars or arrow.
    """

    frame: str = "pandas"
    name: str = "csv"
    extension: str = "csv"

    def __post_init__(self) -> None:
        _check_frame(self.frame, self.name)

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a frame of the library named by `frame`."""
        _check_value(self.frame, value)
        _write(self.frame, _CSV_WRITERS[self.frame], value, stream)

    def read(self, stream: BinaryIO) -> Any:
        """Read a frame of the library named by `frame`."""
        return _read("CSV", self.frame, _CSV_READERS[self.frame], stream)


def _check_frame(frame: str, name: str) -> None:
    if frame not in _CLASSES:
        known = ", ".join(_CLASSES)
        raise UsageError(f"option 'frame' of serializer {name!r}: got {frame!r}, known: {known}")


def _library(frame: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"a data frame of {frame}", frame) from error


def _check_value(frame: str, value: Any) -> None:
    module, name = _CLASSES[frame]
    if not isinstance(value, getattr(_library(frame, module), name)):
        kind = type(value)
        raise SerializationError(
            f"value: expected {module}.{name}, got {kind.__module__}.{kind.__qualname__}"
        )


def _write(frame: str, write: Callable[[Any, Any], object], value: Any, stream: Any) -> None:
    try:
        write(value, stream)
    except DaggerProvidersError:
        raise
    except ImportError as error:  # pandas without pyarrow
        raise MissingExtraError(f"a data frame of {frame}", frame) from error
    except Exception as error:
        raise SerializationError(f"value: {one_line(error)}") from error


def _read(form: str, frame: str, read: Callable[[Any], Any], stream: Any) -> Any:
    _library(frame, _CLASSES[frame][0])
    try:
        return read(stream)
    except DaggerProvidersError:
        raise
    except ImportError as error:
        raise MissingExtraError(f"a data frame of {frame}", frame) from error
    except Exception as error:
        raise DeserializationError(f"expected {form}: {one_line(error)}") from error


def _arrow(module: str) -> Any:
    return _library("arrow", f"pyarrow.{module}")


_PARQUET_WRITERS: dict[str, Callable[[Any, Any], object]] = {
    "pandas": lambda frame, stream: frame.to_parquet(stream, engine="pyarrow"),
    "polars": lambda frame, stream: frame.write_parquet(stream),
    "arrow": lambda table, stream: _arrow("parquet").write_table(table, stream),
}
_PARQUET_READERS: dict[str, Callable[[Any], Any]] = {
    "pandas": lambda stream: _library("pandas", "pandas").read_parquet(stream, engine="pyarrow"),
    "polars": lambda stream: _library("polars", "polars").read_parquet(stream),
    "arrow": lambda stream: _arrow("parquet").read_table(stream),
}
_CSV_WRITERS: dict[str, Callable[[Any, Any], object]] = {
    "pandas": lambda frame, stream: frame.to_csv(stream, index=False, lineterminator="\n"),
    "polars": lambda frame, stream: frame.write_csv(stream),
    "arrow": lambda table, stream: _arrow("csv").write_csv(table, stream),
}
_CSV_READERS: dict[str, Callable[[Any], Any]] = {
    "pandas": lambda stream: _library("pandas", "pandas").read_csv(stream),
    "polars": lambda stream: _library("polars", "polars").read_csv(stream),
    "arrow": lambda stream: _arrow("csv").read_csv(stream),
}
