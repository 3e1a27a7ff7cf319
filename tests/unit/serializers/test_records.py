"""Records are what frozen dataclasses are."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar

import pytest

from dagger_providers.serializers.records import EMPTY, Record, replace


class Point(Record):
    kind: ClassVar[str] = "point"

    x: int
    y: int = 0
    more: dict[str, int] = EMPTY  # type: ignore[assignment]

    @property
    def sum(self) -> int:
        return self.x + self.y


class Other(Record):
    x: int
    y: int = 0


def test_fields_by_position_by_name_and_by_default() -> None:
    assert (Point(1).x, Point(1).y, Point(1, 2).sum, Point(x=1, y=3).sum) == (1, 0, 3, 4)
    assert Point(1).more == {}
    assert Point.__match_args__ == ("x", "y", "more")
    assert repr(Other(1, 2)) == "Other(x=1, y=2)"


@pytest.mark.parametrize(("values", "named"), [((), {}), ((1, 2, 3, 4), {}), ((1,), {"x": 2}),
                                               ((1,), {"z": 2}), ((), {"y": 2})])  # fmt: skip
def test_wrong_fields(values: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="Point has the fields x, y, more"):
        Point(*values, **named)  # type: ignore[arg-type]


def test_equality_and_hash() -> None:
    assert Point(1) == Point(1, 0)
    assert Point(1) != Point(2)
    assert Point(1) != Other(1)
    assert hash(Other(1, 2)) == hash(Other(1, 2))


def test_fields_are_checked() -> None:
    class Even(Record):
        x: int

        def __post_init__(self) -> None:
            if self.x % 2:
                raise ValueError("odd")

    assert Even(2).x == 2
    with pytest.raises(ValueError, match="odd"):
        Even(1)


def test_they_cannot_change() -> None:
    with pytest.raises(AttributeError, match="cannot be set"):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del Point(1).x
    with pytest.raises(TypeError):
        Point(1).more["a"] = 1


def test_copies_and_matching() -> None:
    assert pickle.loads(pickle.dumps(Other(1, 2))) == Other(1, 2)
    assert copy.deepcopy(Point(1, 2)) == Point(1, 2)
    assert replace(Other(1, 2), y=3) == Other(1, 3)
    match Other(1, 2):
        case Other(x, y):
            assert (x, y) == (1, 2)
