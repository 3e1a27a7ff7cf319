import json

import pytest

from dagger_providers.errors import UsageError
from dagger_providers.serializers import (
    NAMES,
    SUFFIXES,
    SerializerSpec,
    is_path_serializer,
    load,
    spec_of_name,
)


class Indented:
    """What a user writes: JSON with an indent."""

    name = "indented"
    extension = "json"

    def __init__(self, indent=2):
        self.indent = indent

    def write(self, value, stream):
        stream.write(json.dumps(value, indent=self.indent).encode())

    def read(self, stream):
        return json.load(stream)


class Half:
    extension = "x"


@pytest.fixture
def here(monkeypatch):
    # pytest's importlib mode gives test modules names that cannot be imported.
    module = type(json)("user_serializers")
    module.Indented = Indented
    module.Half = Half
    monkeypatch.setitem(__import__("sys").modules, "user_serializers", module)
    return "user_serializers"


@pytest.mark.parametrize("name", NAMES)
def test_every_built_in_is_found_by_its_name(name):
    assert load(name).name == name
    assert load(SerializerSpec(name)).name == name
    assert is_path_serializer(load(name)) is (name == "path")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UsageError) as caught:
        load("jsn")
    assert "unknown serializer 'jsn'" in str(caught.value)
    assert all(name in str(caught.value) for name in NAMES)


def test_an_unknown_option_lists_the_known_ones():
    with pytest.raises(UsageError, match=r"unknown option 'farme' .*known: frame"):
        load(SerializerSpec("parquet", (("farme", "pandas"),)))
    with pytest.raises(UsageError, match=r"unknown option 'indent' .*it has none"):
        load(SerializerSpec("json", (("indent", 2),)))
    with pytest.raises(UsageError, match=r"got 'panda', known: pandas, polars, arrow"):
        load(SerializerSpec("csv", (("frame", "panda"),)))


def test_a_class_of_the_users_is_made_with_its_options(here, write, read):
    spec = SerializerSpec(f"{here}:Indented", (("indent", 1),))
    assert write({"a": 1}, spec) == b'{\n "a": 1\n}'
    assert read(b'{"a": 1}', spec) == {"a": 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_such_module:Class", "cannot be imported: No module named 'no_such_module'"),
        ("json:NoClass", "cannot be imported"),
        ("user_serializers:Half", "has no name, write, read"),
    ],
)
def test_a_class_that_does_not_fit_is_refused(here, name, text):
    with pytest.raises(UsageError, match=text):
        load(name)
    with pytest.raises(UsageError, match=r"cannot be made: .*'size'"):
        load(SerializerSpec(f"{here}:Indented", (("size", 1),)))


def test_the_annotation_names_the_frame_library():
    polars = pytest.importorskip("polars")
    assert load("parquet", polars.DataFrame).frame == "polars"
    assert load(SerializerSpec("csv"), None).frame == "pandas"


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("a.json", "json"),
        ("s3://b/A.CSV", "csv"),
        ("https://host/rows.parquet?version=1.json", "parquet"),
        ("/d.csv/note.txt", "text"),
        ("s3://b/m.pkl", "pickle"),
    ],
)
def test_the_ending_of_a_name_tells(location, name):
    assert spec_of_name(location) == SerializerSpec(name)


@pytest.mark.parametrize("location", ["a", "d.csv/a", "json", "a.", "a.json?b", "s3://b/a.xml"])
def test_the_ending_of_a_name_tells_nothing(location):
    assert spec_of_name(location) is None


def test_what_endings_tell_can_be_read():
    for suffix in SUFFIXES:
        assert load(spec_of_name(f"a{suffix}")).extension in {suffix[1:], "pickle"}
