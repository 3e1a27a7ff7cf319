# ruff: noqa: UP006, UP007, UP045
import datetime as dt
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict, Union
from typing import Iterator as TypingIterator  # noqa: UP035 - users write it
from typing import List as TypingList  # noqa: UP035

import pytest
from pydantic import BaseModel

from dagger_providers.errors import UsageError
from dagger_providers.serializers import (
    is_json_native,
    is_lazy_reader,
    is_stream,
    item_annotation,
    spec_for,
)


class Plain(TypedDict):
    a: int


class Dated(TypedDict):
    day: dt.date


class Model(BaseModel):
    a: int


class Pair(NamedTuple):
    a: int


@dataclass
class Config:
    where: Path
    raw: bytes


@dataclass
class Broken:
    a: "Nowhere"  # noqa: F821


class Plainly:
    pass


NATIVE = [
    None,
    type(None),
    bool,
    int,
    float,
    str,
    Any,
    list,
    dict,
    list[int],
    list[None],
    dict[str, list[float]],
    Sequence[int],
    Mapping[str, Any],
    TypingList[int],
    int | None,
    Optional[int],
    Union[int, str],
    Literal["a", 1, None],
    dict[Literal["a", "b"], int],
    Plain,
    Annotated[int, "miles"],
]
RESTORED = [
    tuple[int, ...],
    set[int],
    dict[int, str],
    dt.date,
    Optional[dt.datetime],
    Dated,
    Model,
    list[Model],
    Pair,
    Config,
    dict[str, Config],
    bytearray,
]


@pytest.mark.parametrize("annotation", NATIVE)
def test_what_json_keeps_travels_as_json_and_needs_no_annotation(annotation):
    assert spec_for(annotation).to_json() == "json"
    assert is_json_native(annotation)


@pytest.mark.parametrize("annotation", RESTORED)
def test_what_json_can_restore_travels_as_json_with_its_annotation(annotation):
    assert spec_for(annotation).to_json() == "json"
    assert not is_json_native(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        complex,
        Plainly,
        list[Plainly],
        Iterator[int],
        Generator[int, None, None],
        list[bytes],
        list[Path],
        Path | None,
        bytes | None,
        dict[str, Path],
        "int",
    ],
)
def test_what_has_no_known_serializer_says_so(annotation):
    assert spec_for(annotation) is None


def test_files_and_bytes_have_serializers_of_their_own():
    assert spec_for(Path).to_json() == "path"
    assert spec_for(bytes).to_json() == "bytes"
    assert spec_for(Annotated[Path, "model"]).to_json() == "path"


def test_a_class_that_cannot_be_read_is_told_not_passed_over():
    with pytest.raises(UsageError, match="Broken cannot be resolved"):
        spec_for(list[Broken])


@pytest.mark.parametrize(
    ("module", "name", "frame"),
    [("pandas", "DataFrame", "pandas"), ("polars", "DataFrame", "polars"),
     ("pyarrow", "Table", "arrow")],
)  # fmt: skip
def test_data_frames_travel_as_parquet(module, name, frame):
    kind = getattr(pytest.importorskip(module), name)
    assert spec_for(kind).to_json() == {"name": "parquet", "options": {"frame": frame}}
    assert spec_for(list[kind]) is None
    assert spec_for(Optional[kind]) is None
    assert spec_for(dict[str, kind]) is None


@pytest.mark.parametrize(
    ("annotation", "item"),
    [
        (Iterator[int], int),
        (TypingIterator[int], int),
        (Iterable[dt.date], dt.date),
        (Generator[str, None, None], str),
        (list[int], int),
        (TypingList[int], int),
        (Sequence[Model], Model),
        (tuple[int, ...], int),
        (list[None], type(None)),
        (list, Any),
        (tuple, Any),
        (Annotated[list[int], "x"], int),
        (tuple[int, str], None),
        (dict[str, int], None),
        (str, None),
        (set[int], None),
        (None, None),
    ],
)
def test_items_of_a_collection(annotation, item):
    assert item_annotation(annotation) is item


@pytest.mark.parametrize(
    ("annotation", "stream", "lazy"),
    [
        (Iterator[int], True, True),
        (TypingIterator[int], True, True),
        (Iterable[int], True, True),
        (Iterable, True, True),
        (Generator[int, None, None], True, False),
        (Sequence[int], False, True),
        (list[int], False, False),
        (tuple[int, ...], False, False),
        (AsyncIterator[int], False, False),
        (str, False, False),
        (None, False, False),
    ],
)
def test_streams_and_lazy_readers(annotation, stream, lazy):
    assert is_stream(annotation) is stream
    assert is_lazy_reader(annotation) is lazy
