"""YAML as people mean it: JSON's values, and one line with the place of what is wrong."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dagger_providers.dsl.plain_yaml import dump_yaml, load_yaml
from dagger_providers.errors import FormatError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
DATA = st.recursive(
    SCALARS.filter(lambda x: x not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(DATA)
def test_what_is_written_is_read_back_by_any_parser(data) -> None:
    text = dump_yaml(data)
    assert repr(load_yaml(text)) == repr(data)
    assert repr(yaml.safe_load(text)) == repr(data)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-01-31", "2026-01-31"),
        ("12:30", "12:30"),
        ("0755", "0755"),
        ("1_000", "1_000"),
        ("True", "True"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
        ("{no: 1, on: 2}", {"no": 1, "on": 2}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x {k: 1}\nb: {<<: *x, l: 2}", {"a": {"k": 1}, "b": {"k": 1, "l": 2}}),
    ],
)
def test_what_a_text_means(text: str, value: object) -> None:
    assert repr(load_yaml(text)) == repr(value)


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands twice"),
        ("a:\n  1: x\n", "line 2, column 3: a key must be text"),
        ("? [a]\n: 1\n", "line 1, column 3: a key must be text"),
        ("a: [1\n", "line 2, column 1: expected ',' or ']', but got '<stream end>'"),
        ("a: !!python/object:os.system x\n", "line 1, column 4: could not determine a constructor"),
        ("--- 1\n--- 2\n", "line 2, column 1: expected a single document in the stream but found"),
        ("a: &a [*a]", "its aliases make more than 1000000 values of it"),
        (BOMB, "its aliases make more than 1000000 values of it"),
        ("a: \x00", "unacceptable character"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        load_yaml(text)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
