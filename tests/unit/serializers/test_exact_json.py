import decimal
import enum
import json
import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagger_providers.errors import DeserializationError, SerializationError
from dagger_providers.serializers.exact_json import dumps, loads

EXACT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def same(one, other):
    """Equal, and of equal types all the way down: 1, 1.0 and True are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other and repr(one) == repr(other)


@given(EXACT)
def test_what_is_written_comes_back_exactly(value):
    assert same(loads(dumps(value)), value)


def test_the_text_is_compact_utf8_in_insertion_order():
    assert dumps({"b": [1, 2.0], "a": "Zoë"}) == '{"b":[1,2.0],"a":"Zoë"}'.encode()


@pytest.mark.parametrize("number", [0, -0.0, 2**53 + 1, 10**400, 1e300, 5e-324, 0.1, 1.0, True])
def test_numbers_are_exact(number):
    assert same(loads(dumps(number)), number)


class Colour(enum.Enum):
    RED = "red"


class Flavour(enum.StrEnum):
    SWEET = "sweet"


class Text(str):
    __slots__ = ()


@dataclass
class Point:
    x: int


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("value", "place", "advice"),
    [
        ((1, 2), "value", "tuple[...]"),
        ({"a": [0, 1, (3,)]}, "value['a'][2]", "tuple[...]"),
        ({"a": [0, 1, 2, {"b": {1}}]}, "value['a'][3]['b']", "set[...]"),
        ([frozenset()], "value[0]", "frozenset[...]"),
        ({"a": {1: "x"}}, "value['a']", "dict[int, ...]"),
        ({None: 1}, "value", "dict[NoneType, ...]"),
        ({(1, 2): 1}, "value", "dict[tuple, ...]"),
        ({"a": 1, True: 2}, "value", "dict[bool, ...]"),
        ([1.5, math.nan], "value[1]", "no nan"),
        ({"low": -math.inf}, "value['low']", "no -inf"),
        (Colour.RED, "value", "annotate the return type"),
        (Flavour.SWEET, "value", "into a plain str"),
        ([Text("x")], "value[0]", "into a plain str"),
        (OrderedDict(a=1), "value", "into a plain dict"),
        (Point(1), "value", "annotate the return type as Point"),
        (Pair(1, 2), "value", "annotate the return type as Pair"),
        (decimal.Decimal(1), "value", "pickle"),
        (b"raw", "value", "pickle"),
        (object(), "value", "pickle"),
        ({"s": "\udc80"}, "value", "surrogate"),
        pytest.param(10**5000, "value", "digits", id="huge"),
    ],
)
def test_what_json_would_change_is_refused_with_its_place_and_a_way_out(value, place, advice):
    with pytest.raises(SerializationError) as caught:
        dumps(value)
    text = str(caught.value)
    assert text.startswith(f"{place}: ")
    assert advice in text
    assert "\n" not in text


def test_a_numpy_scalar_is_refused_with_how_to_convert_it():
    numpy = pytest.importorskip("numpy")
    for scalar in (numpy.int64(1), numpy.float64(1.0), numpy.str_("x"), numpy.bool_(True)):
        with pytest.raises(SerializationError, match=r"value\[0\]: .*\.item\(\)"):
            dumps([scalar])


def test_a_value_that_contains_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(SerializationError, match="contains itself"):
        dumps(value)


@pytest.mark.parametrize("data", [b"", b"{", b"[1,]", b"NaN", b"[Infinity]", b'"\xff"', b"1 2"])
def test_what_is_no_json_is_refused_in_one_line(data):
    with pytest.raises(DeserializationError, match=r"^expected JSON") as caught:
        loads(data)
    assert "\n" not in str(caught.value)


def test_json_of_other_writers_is_read():
    assert loads(json.dumps({"a": "é"}, indent=2).encode("utf-16")) == {"a": "é"}
    assert loads(b'\xef\xbb\xbf{"a": 1}\r\n') == {"a": 1}


def test_a_custom_text_wrapper_is_not_needed_and_the_stream_stays_open(write, read):
    # py-dagger's JSON closed the caller's stream when its text wrapper was collected.
    assert read(write({"a": 1})) == {"a": 1}
