import datetime as dt
import enum
import json
import os
import pickle
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import InitVar, dataclass, field
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    TypedDict,
    TypeVar,
)
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, computed_field

from dagger_providers.errors import DeserializationError, SerializationError, UsageError
from dagger_providers.serializers import load
from dagger_providers.serializers.codecs import codec_for

T = TypeVar("T")
Miles = NewType("Miles", int)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Flavour(enum.StrEnum):
    SWEET = "sweet"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Corner(enum.Enum):
    TOP = (0, 1)
    LOW = (0, 0)


@dataclass
class Node:
    value: int
    children: list["Node"] = field(default_factory=list)
    seen: Optional["Node"] = None


@dataclass(frozen=True, slots=True)
class Flight:
    carrier: str
    day: dt.date
    delays: tuple[float, ...] = ()
    where: Path | None = None
    raw: bytes = b""
    kind: ClassVar[str] = "flight"


@dataclass
class Doubled:
    x: int
    twice: int = field(init=False)
    cache: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.x = self.x * 2
        self.twice = self.x


@dataclass
class Parent:
    a: int = 0


@dataclass
class Child(Parent):
    b: int = 0


@dataclass
class Twin:
    a: int = 0


@dataclass
class Box(Generic[T]):
    content: T


@dataclass
class WithInitVar:
    a: int
    seed: InitVar[int]


@dataclass
class Unresolvable:
    a: "Nowhere"  # noqa: F821


class Span(NamedTuple):
    first: dt.date
    last: dt.date
    step: int = 1


class Row(TypedDict):
    day: dt.date
    note: NotRequired[str]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(alias="modelName")
    fitted: dt.datetime
    tags: set[int] = set()
    colour: Colour = Colour.RED

    @computed_field
    @property
    def label(self) -> str:
        return self.name.upper()


class Loose(BaseModel):
    anything: Any = None


MODEL = Model(modelName="ols", fitted=dt.datetime(2013, 1, 1, 6), tags={3, 1})
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (tuple[int, str], (1, "a"), '[1,"a"]'),
        (tuple[int, ...], (1, 2), "[1,2]"),
        (tuple, (1, [2]), "[1,[2]]"),
        (tuple[()], (), "[]"),
        (list[tuple[int, int]], [(1, 2)], "[[1,2]]"),
        (Sequence[tuple[int, int]], [(1, 2)], "[[1,2]]"),
        (set[int], {3, 1, 20}, "[1,20,3]"),
        (frozenset[str], frozenset("ba"), '["a","b"]'),
        (AbstractSet[int], {1}, "[1]"),
        (set, {1}, "[1]"),
        (dict[int, str], {2: "b", 1: "a"}, '{"2":"b","1":"a"}'),
        (dict[float, int], {1: 1, 2.5: 2}, '{"1":1,"2.5":2}'),
        (dict[bool, int], {True: 1}, '{"true":1}'),
        (dict[Colour, int], {Colour.RED: 1}, '{"red":1}'),
        (dict[Level, int], {Level.LOW: 1}, '{"1":1}'),
        (dict[str | None, int], {None: 1, "null": 2}, r'{"null":1,"\"null\"":2}'),
        (Level | str, "2", '"2"'),
        (Level | int, 2, '{"$type":"int","$value":2}'),
        (dict[dt.date, int], {dt.date(2013, 1, 1): 1}, '{"2013-01-01":1}'),
        (dict[tuple[int, str], int], {(1, "a"): 2}, r'{"[1,\"a\"]":2}'),
        (dict[int | str, int], {1: 1, "1": 2}, r'{"1":1,"\"1\"":2}'),
        (Mapping[str, dt.date], {"a": dt.date(2013, 1, 1)}, '{"a":"2013-01-01"}'),
        (Colour, Colour.BLUE, '"blue"'),
        (Level, Level.HIGH, "2"),
        (Flavour, Flavour.SWEET, '"sweet"'),
        (Access, Access.READ | Access.WRITE, "3"),
        (Corner, Corner.TOP, '"TOP"'),
        (Literal[Colour.RED, "any"], Colour.RED, '"red"'),
        (dt.date, dt.date(2013, 1, 1), '"2013-01-01"'),
        (dt.time, dt.time(6, 30, tzinfo=dt.UTC), '"06:30:00+00:00"'),
        (dt.timedelta, dt.timedelta(hours=1), "3600"),
        (dt.timedelta, dt.timedelta(microseconds=-1), "-1e-06"),
        (Decimal, Decimal("1.10"), '"1.10"'),
        (uuid.UUID, uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (bytearray, bytearray(b"\xff\x00"), '"/wA="'),
        (dict[str, Path], {"a": Path("b/c")}, '{"a":"b/c"}'),
        (list[PurePosixPath], [PurePosixPath("b")], '["b"]'),
        (Node, Node(1, [Node(2)], Node(3)), None),
        (Flight, Flight("AA", dt.date(2013, 1, 1), (1.5, 2), Path("x"), b"\xff"), None),
        (Span, Span(dt.date(2013, 1, 1), dt.date(2013, 2, 1)), None),
        (Row, {"day": dt.date(2013, 1, 1)}, '{"day":"2013-01-01"}'),
        (Box[int], Box(1), '{"content":1}'),
        (list[Box[str]], [Box("a")], '[{"content":"a"}]'),
        (Model, MODEL, None),
        (dict[str, Model], {"m": MODEL}, None),
        (Annotated[tuple[int, int], "a pair"], (1, 2), "[1,2]"),
        (list[Annotated[tuple[int, int], ["unhashable"]]], [(1, 2)], "[[1,2]]"),
        (dict[Miles, str], {Miles(1): "a"}, '{"1":"a"}'),
        (Node | None, None, "null"),
        (Node | None, Node(1), None),
        (float, 1, "1"),
        (list[float], [1, 2.0, True], "[1,2.0,true]"),
    ],
)  # fmt: skip
def test_an_annotation_restores_what_json_alone_would_lose(survives, annotation, value, text):
    data = survives(value, annotation)
    if text is not None:
        assert data.decode() == text


@pytest.mark.parametrize(
    ("annotation", "value", "tagged"),
    [
        (str | dt.date, dt.date(2013, 1, 1), False),
        (str | dt.date, "2013-01-01", True),
        (str | dt.date, "soon", False),
        (dt.datetime | dt.date, dt.date(2013, 1, 1), False),
        (dt.datetime | dt.date, dt.datetime(2013, 1, 1), False),
        (dt.datetime | str, "2013-01-01", True),
        (int | Decimal, 1, False),
        (int | Decimal, Decimal(1), False),
        (str | Path | None, Path("a"), False),
        (str | Path | None, "a", True),
        (str | Path | None, None, False),
        (tuple[int, ...] | list[int], [1], True),
        (tuple[int, ...] | list[int], (1,), False),
        (Parent | Twin, Twin(1), True),
        (Parent | Child, Child(1, 2), False),
        (Parent | Child, Parent(1), True),
        (Model | dict, {"a": 1}, False),
        (Model | dict, {"modelName": "x", "fitted": "2013-01-01T00:00:00"}, True),
        (dict | Node, Node(1), False),
        (str | dt.date | dict, {"$type": "date", "$value": "2013-01-01"}, True),
        (dict[str, int] | dict[int, int], {1: 1}, False),
        (dict[str, int] | dict[int, int], {"1": 1}, True),
    ],
)
def test_members_of_a_union_never_take_each_others_values(survives, annotation, value, tagged):
    document = json.loads(survives(value, annotation))
    assert (isinstance(document, dict) and "$type" in document) is tagged


def test_equal_unions_write_alike(write):
    # Python calls the two equal, so whichever was met first must not decide.
    for value in (dt.date(2013, 1, 1), "2013-01-01", "soon"):
        assert write(value, annotation=str | dt.date) == write(value, annotation=dt.date | str)


class Named:
    """Two classes of one name."""

    @dataclass
    class A:
        x: int = 0


NAMESAKE = dataclass(type("A", (), {"__qualname__": "Named.A", "__module__": "elsewhere"}))


def test_members_of_one_name_are_told_apart(survives):
    survives(NAMESAKE(), Named.A | NAMESAKE)
    survives(Named.A(), Named.A | NAMESAKE)
    survives(Named.A(3), Named.A | NAMESAKE)


@pytest.mark.parametrize("zone", [None, dt.UTC, dt.timezone(dt.timedelta(hours=-5)), BERLIN])
def test_a_datetime_keeps_its_zone(survives, write, read, zone):
    moment = dt.datetime(2013, 7, 1, 6, 30, 0, 123, tzinfo=zone)
    survives(moment, dt.datetime)
    again = read(write(moment, annotation=dt.datetime), annotation=dt.datetime)
    assert repr(again) == repr(moment)


def test_the_second_of_two_equal_wall_times_stays_the_second(write, read):
    first = dt.datetime(2013, 10, 27, 2, 30, tzinfo=BERLIN)
    for moment in (first, first.replace(fold=1)):
        again = read(write(moment, annotation=dt.datetime), annotation=dt.datetime)
        assert (again.fold, again.utcoffset()) == (moment.fold, moment.utcoffset())


class Odd(dt.tzinfo):
    def utcoffset(self, _):
        return dt.timedelta(0)


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (Node, Node(1, [Node(2, [3])]), "value.children[0].children[0]: expected exactly Node"),
        (Parent, Child(1), "value: expected exactly Parent, got Child"),
        (list[dt.date], [dt.date(2013, 1, 1), "x"], "value[1]: expected date, got str 'x'"),
        (dt.date, dt.datetime(2013, 1, 1), "value: expected date, got datetime"),
        (dict[int, str], {"a": "b"}, "value['a']: expected int"),
        (dict[int, str], {True: "b"}, "value[True]: expected int"),
        (dict[str, dt.date], {"a": (1,)}, "value['a']: expected date, got tuple"),
        (tuple[int, str], (1, "a", 2), "value: expected tuple[int, str]"),
        (tuple[int, ...], [1], "value: expected tuple[int, ...], got list"),
        (Sequence[dt.date], (dt.date(2013, 1, 1),), "annotate it as tuple[...]"),
        (set[tuple[int, int]], {(1, 2, 3)}, "expected tuple[int, int]"),
        (int | dt.date, "x", "value: expected date | int, got str 'x'"),
        (Node, Node({1}), "value.value: expected JSON, got set {1}; JSON has no set"),
        (dt.datetime, dt.datetime(2013, 1, 1, tzinfo=Odd()), "zoneinfo"),
        (dt.time, dt.time(1, tzinfo=BERLIN), "use datetime"),
        (dt.timedelta, dt.timedelta(days=200_000_000, microseconds=1), "seconds"),
        (Loose, Loose(anything=(1, 2)), "pickle"),
        (Loose, Loose(anything=float("nan")), "pickle"),
        (Loose, Loose(anything=object()), "Loose as JSON"),
    ],
)
def test_a_value_that_would_come_back_changed_is_refused_with_its_place(
    write, annotation, value, text
):
    with pytest.raises(SerializationError) as caught:
        write(value, annotation=annotation)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "data", "text"),
    [
        (
            Node,
            b'{"value":1,"children":[{"value":2,"z":1}]}',
            "value.children[0]: expected a field",
        ),
        (Node, b"{}", "value: expected Node, got dict {}"),
        (Node, b"[]", "value: expected Node, got list []"),
        (dt.date, b'"soon"', "value: expected date, got str 'soon'"),
        (dt.date, b"3", "value: expected date, got int 3"),
        (dt.timedelta, b'"1h"', "seconds of a timedelta"),
        (dt.timedelta, b"1e300", "seconds of a timedelta"),
        (dt.datetime, b'"2013-01-01T00:00:00[Mars/Base]"', "expected datetime"),
        (dict[int, int], b'{"a":1}', "expected key int, got str 'a'"),
        (dict[int, int], b'{"1.5":1}', "expected int, got float"),
        (tuple[int, int], b"[1]", "expected tuple[int, int]"),
        (set[Any], b"[[1]]", "expected set[Any]"),
        (set[int], b"{}", "expected set[int]"),
        (Colour, b'"green"', "expected Colour, got str 'green'"),
        (Corner, b"[0,1]", "expected Corner"),
        (bytearray, b'"%"', "expected bytearray"),
        (Row, b'{"note":"x"}', "expected Row with day"),
        (Row, b"[]", "expected Row"),
        (Span, b'{"first":"2013-01-01"}', "expected Span"),
        (Model, b"{}", "expected Model"),
        (int | dt.date, b"[]", "expected date | int, got list []"),
        (dict[str, Path], b'{"a":1}', "value['a']: expected Path"),
    ],
)
def test_malformed_data_is_refused_with_its_place_and_the_expected_type(
    read, annotation, data, text
):
    with pytest.raises(DeserializationError) as caught:
        read(data, annotation=annotation)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fields_come_back_as_written_though_post_init_would_change_them(survives):
    survives(Doubled(2, cache={"a": 1}), Doubled)


def test_an_annotation_without_a_json_form_is_refused_when_it_is_loaded():
    with pytest.raises(UsageError, match="complex has no JSON form"):
        load("json", list[complex])
    with pytest.raises(UsageError, match="InitVar"):
        load("json", WithInitVar)
    with pytest.raises(UsageError, match="Unresolvable cannot be resolved: name 'Nowhere'"):
        load("json", list[Unresolvable])


class BrokenRepr:
    def __repr__(self):
        raise RuntimeError("no repr")


def test_a_broken_repr_does_not_hide_the_refusal(write):
    with pytest.raises(SerializationError, match="expected date, got BrokenRepr"):
        write(BrokenRepr(), annotation=dt.date)


def test_sets_have_the_same_bytes_under_every_hash_seed():
    code = (
        "import io; from dagger_providers.serializers import load; s = io.BytesIO();"
        "load('json', set[str]).write(set('qwertyuiop'), s); print(s.getvalue())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


@pytest.mark.parametrize("annotation", [list[Node], Node | None, dict[int, Flight], Model, None])
def test_a_serializer_crosses_processes(annotation):
    serializer = pickle.loads(pickle.dumps(load("json", annotation)))
    assert serializer.annotation == annotation


def test_a_codec_is_made_once():
    assert codec_for(list[Node]) is codec_for(list[Node])


NESTED = dict[int, list[tuple[dt.date | None, Decimal | str]]]


@given(
    st.dictionaries(
        st.integers(),
        st.lists(
            st.tuples(
                st.none() | st.dates(),
                st.decimals(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs"])),
            ),
            max_size=3,
        ),
        max_size=3,
    )
)
def test_any_value_of_a_nested_annotation_survives(value):
    codec = codec_for(NESTED)
    again = codec.decode(json.loads(json.dumps(codec.encode(value))))
    assert again == value
    assert repr(again) == repr(value)


@given(st.timedeltas(min_value=dt.timedelta(days=-90000), max_value=dt.timedelta(days=90000)))
def test_durations_of_some_centuries_are_exact(value):
    codec = codec_for(dt.timedelta)
    assert codec.decode(json.loads(json.dumps(codec.encode(value)))) == value
