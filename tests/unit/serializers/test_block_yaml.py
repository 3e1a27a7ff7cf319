"""Our YAML is read back as it was, by both of PyYAML's parsers."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from dagger_providers.serializers.block_yaml import block_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


@pytest.mark.parametrize("loader", LOADERS)
@given(data=st.dictionaries(TEXT, DATA, max_size=4))
@example(data={"a": ["yes", "No", "null", "~", "1e3", "0x1", "1_0", "2026-01-01", "=", "<<", "-"]})
@example(data={"on": "a: b", "#": "a #b", "'": '"', "&a": "*a", "!x": "|", "- -": "?", "": " "})
@example(data={"a": [[], {}, [[1], {"b": [2]}], {"c": {"d": []}}], "e": [1e300, 1e-7, -0.0, 2.0]})
@example(
    data={"a": "line\nbreak", "b": "\x85\u2028\ufeff\x00\x7f", "c": "🐉é", "d": "\\n", "e": "\t"}
)
def test_it_is_read_back(loader, data):
    read = yaml.load(block_yaml(data), Loader=loader)  # noqa: S506 - safe loaders only

    assert read == data or (not data and read is None)
    assert repr(sorted_all(read or {})) == repr(sorted_all(data))


def sorted_all(data):
    """The data with mappings in one order; `repr` then tells 1 from 1.0 and True."""
    if isinstance(data, dict):
        return {key: sorted_all(data[key]) for key in sorted(data)}
    return [sorted_all(item) for item in data] if isinstance(data, list) else data


def test_it_is_readable():
    text = block_yaml(
        {
            "b": {"args": ["--card", '{"x":"it\'s"}', "-m", "s3://b/r"], "empty": {}},
            "a": [{"name": "x", "value": "0"}],
        }
    )

    assert (
        text
        == """\
a:
- name: x
  value: '0'
b:
  args:
  - --card
  - '{"x":"it''s"}'
  - -m
  - s3://b/r
  empty: {}
"""
    )
