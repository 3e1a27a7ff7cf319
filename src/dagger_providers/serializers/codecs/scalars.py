"""JSON forms of the standard library's scalars, each found without importing its module."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from dagger_providers.serializers.codecs.codec import NUMBER, TEXT, Codec, Mismatch, text
from dagger_providers.serializers.typeforms import is_class, is_file_path


def scalar(annotation: Any) -> Codec | None:
    """The codec of a date, time, duration, decimal, UUID, path or bytes; None for others."""
    if not is_class(annotation):
        return None
    if is_file_path(annotation):
        return _path(annotation)
    make = _MAKERS.get((annotation.__module__, annotation.__qualname__))
    return make(annotation) if make is not None else None


def _plain(kind: Any) -> Codec:
    return text(kind, str, kind)


def _date(kind: Any) -> Codec:
    return text(kind, lambda value: str(value.isoformat()), kind.fromisoformat)


def _time(kind: Any) -> Codec:
    def to_text(value: Any) -> str:
        if _zone_key(value) is not None:
            raise Mismatch("time with a fixed offset", value, "a zone needs a date: use datetime")
        return str(value.isoformat())

    return text(kind, to_text, kind.fromisoformat)


def _datetime(kind: Any) -> Codec:
    # RFC 9557: the zone's name follows in brackets, since an offset alone loses its rules.
    def to_text(value: Any) -> str:
        key = _zone_key(value)
        stamp = str(value.isoformat())
        return f"{stamp}[{key}]" if key else stamp

    def from_text(data: str) -> Any:
        stamp, bracket, key = data.partition("[")
        value = kind.fromisoformat(stamp)
        return _in_zone(value, key.removesuffix("]")) if bracket else value

    return text(kind, to_text, from_text)


def _zone_key(value: Any) -> str | None:
    zone = value.tzinfo
    # pydantic's own fixed offset, `TzInfo`, comes back as the equal `datetime.timezone`.
    if zone is None or type(zone).__module__.partition(".")[0] in {"datetime", "pydantic_core"}:
        return None
    key = getattr(zone, "key", None)
    if type(zone).__module__.partition(".")[0] == "zoneinfo" and key:
        return str(key)
    raise Mismatch("a zone from zoneinfo or datetime.timezone", value)


def _in_zone(value: Any, key: str) -> Any:
    from zoneinfo import ZoneInfo

    there = value.replace(tzinfo=ZoneInfo(key))
    if there.utcoffset() == value.utcoffset():
        return there
    return there.replace(fold=1)  # the second of two equal wall times, when clocks go back


def _duration(kind: Any) -> Codec:
    """Seconds: an int when whole, else a float, which is exact for 285 years."""

    def encode(value: Any) -> int | float:
        if type(value) is not kind:
            raise Mismatch("timedelta", value)
        seconds: int | float = value.total_seconds()
        seconds = int(seconds) if not value.microseconds else seconds
        if kind(seconds=seconds) != value:
            raise Mismatch("a timedelta that seconds can hold exactly", value)
        return seconds

    def decode(data: Any) -> Any:
        if type(data) not in (int, float):
            raise Mismatch("seconds of a timedelta", data)
        try:
            return kind(seconds=data)
        except (OverflowError, ValueError) as error:
            raise Mismatch("seconds of a timedelta", data) from error

    return Codec("timedelta", NUMBER, encode, decode)


def _bytes(kind: Any) -> Codec:
    def from_text(data: str) -> Any:
        return kind(base64.b64decode(data, validate=True))

    return text(kind, lambda value: base64.b64encode(value).decode("ascii"), from_text)


def _path(kind: Any) -> Codec:
    def encode(value: Any) -> str:
        # `Path(...)` gives a PosixPath or WindowsPath: this family is told by isinstance.
        if not isinstance(value, kind):
            raise Mismatch(kind.__name__, value)
        return str(value)

    def decode(data: Any) -> Any:
        if type(data) is not str:
            raise Mismatch(kind.__name__, data)
        return kind(data)

    return Codec(kind.__name__, TEXT, encode, decode)


_MAKERS: dict[tuple[str, str], Callable[[Any], Codec]] = {
    ("datetime", "datetime"): _datetime,
    ("datetime", "date"): _date,
    ("datetime", "time"): _time,
    ("datetime", "timedelta"): _duration,
    ("decimal", "Decimal"): _plain,
    ("uuid", "UUID"): _plain,
    ("builtins", "bytes"): _bytes,
    ("builtins", "bytearray"): _bytes,
}
