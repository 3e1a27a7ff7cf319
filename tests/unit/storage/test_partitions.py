import json as jsonlib
import pickle
import tracemalloc
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import BaseModel

from dagger_providers.errors import CorruptValueError, MissingValueError, SerializationError
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import (
    Artifact,
    Partitions,
    identity_of_list,
    open_store,
    read_value,
    write_partitions,
    write_value,
)


def test_parts_are_files_of_their_own_and_the_manifest_names_them_in_numeric_order(
    store, json, spec
):
    written = write_partitions(store, "n/out", iter(range(12)), json, spec)
    names = [str(at) for at in range(12)]
    assert jsonlib.loads(store.read_bytes("n/out/partitions.json")) == names
    assert store.list("n/out") == sorted([*names, "partitions.json"])
    assert [store.read_bytes(f"n/out/{name}") for name in names] == [
        name.encode() for name in names
    ]
    assert written.sha256 == identity_of_list(part.sha256 for part in written.parts)
    assert written.size == 14
    assert Artifact.from_json(jsonlib.loads(jsonlib.dumps(written.to_json()))) == written


def test_nothing_is_an_empty_list(store, json, spec):
    written = write_partitions(store, "n/out", [], json, spec)
    assert store.read_bytes("n/out/partitions.json") == b"[]"
    assert read_value(store, written, json) == []
    assert Artifact.from_json(written.to_json()) == written


def test_every_reader_sees_every_item(store, json, spec):
    # py-dagger gave the second of two consumers an empty list.
    written = write_partitions(store, "n/out", (n * n for n in range(11)), json, spec)
    squares = [n * n for n in range(11)]
    first, second = (read_value(store, written, json) for _ in range(2))
    assert list(first) == squares
    assert list(first) == squares
    assert list(second) == squares
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(list, [first] * 4)) == [squares] * 4


def test_a_handle_is_a_sequence(store, json, spec):
    handle = read_value(
        store, write_partitions(store, "n/out", ["a", "b", "c", "d"], json, spec), json
    )
    assert (len(handle), handle[0], handle[-1]) == (4, "a", "d")
    assert isinstance(handle[1:], Partitions)
    assert list(handle[::-2]) == ["d", "b"]
    assert list(reversed(handle)) == ["d", "c", "b", "a"]
    assert "c" in handle
    assert handle.index("c") == 2
    with pytest.raises(IndexError):
        handle[4]
    assert repr(handle) == f"<4 partitions from {store.join('n/out/0')}>"


def test_a_handle_equals_a_list_of_equal_items(store, json, spec):
    one = read_value(store, write_partitions(store, "a/out", [1, 2], json, spec), json)
    two = read_value(store, write_partitions(store, "b/out", [1, 2], json, spec), json)
    assert one == two
    assert one == [1, 2]
    assert [1, 2] == one  # noqa: SIM300 - the reflected comparison is the case
    assert one != [1]
    assert one != [1, 3]
    assert one != (1, 2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_a_handle_crosses_processes(store, json, spec):
    written = write_partitions(
        store, "n/out", [(1, 2), (3, 4)], load("json", tuple[int, int]), spec
    )
    handle = read_value(store, written, load("json", tuple[int, int]))
    assert pickle.loads(pickle.dumps(handle)) == [(1, 2), (3, 4)]


def test_a_gather_over_several_commits_is_a_handle_too(store, json, spec):
    values = [write_value(store, f"n/{at}/out", at, json, spec) for at in range(3)]
    inner = write_partitions(store, "m/out", [7, 8], json, spec)
    handle = Partitions(store, (*values, inner), json)
    assert list(handle) == [0, 1, 2, [7, 8]]


def test_each_part_is_verified_when_it_is_read(store, json, spec):
    handle = read_value(store, write_partitions(store, "n/out", [1, 2, 3], json, spec), json)
    store.write_atomic("n/out/1", b"9")
    store.remove("n/out/2")
    assert handle[0] == 1
    with pytest.raises(CorruptValueError, match="n/out/1 was changed"):
        handle[1]
    with pytest.raises(MissingValueError, match=r"nothing at .*n/out/2"):
        handle[2]


def test_parts_never_share_one_file(store, tmp_path):
    # py-dagger gave N handles to one path, and all read the last value.
    def pages():
        page = tmp_path / "page.csv"
        for at in range(3):
            page.write_text(str(at))
            yield page

    spec = SerializerSpec("path")
    written = write_partitions(store, "n/out", pages(), load(spec), spec)
    assert [part.name for part in written.parts] == ["0.csv", "1.csv", "2.csv"]
    assert jsonlib.loads(store.read_bytes("n/out/partitions.json")) == ["0.csv", "1.csv", "2.csv"]
    assert [page.read_text() for page in read_value(store, written, load(spec))] == ["0", "1", "2"]


class FiveArgumentsError(Exception):
    def __init__(self, a, b, c, d, e):
        super().__init__(a, b, c, d, e)


def test_what_a_broken_generator_raises_arrives_unchanged(store, json, spec):
    # py-dagger rebuilt it from its text, which this constructor does not take.
    raised = FiveArgumentsError(1, 2, 3, 4, 5)

    def items():
        yield 1
        raise raised

    with pytest.raises(FiveArgumentsError) as caught:
        write_partitions(store, "n/out", items(), json, spec)
    assert caught.value is raised
    assert not store.exists("n/out/partitions.json")
    with pytest.raises(UnicodeDecodeError):
        write_partitions(store, "n/out", (b.decode() for b in [b"\xff"]), json, spec)


class Model(BaseModel):
    a: int = 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("abc", "got str: is one value"),
        (b"abc", "got bytes"),
        (bytearray(b"abc"), "got bytearray"),
        ({"a": 1}, "got dict: has named parts"),
        (OrderedDict(a=1), "OrderedDict: has named parts"),
        ({1, 2}, "got set: has no order"),
        (Model(), "Model: has named parts"),
        (3, "got int: has no items"),
        (None, "got NoneType: has no items"),
    ],
)
def test_one_value_is_no_source_of_partitions(store, json, spec, source, text):
    with pytest.raises(SerializationError, match=f"expected a list or generator.*{text}"):
        write_partitions(store, "n/out", source, json, spec)
    assert not store.exists("n/out")


@pytest.mark.parametrize(
    ("module", "name"),
    [("pandas", "DataFrame"), ("polars", "DataFrame"), ("polars", "Series"), ("pyarrow", "table")],
)
def test_a_data_frame_is_no_source_of_partitions(store, json, spec, module, name):
    make = getattr(pytest.importorskip(module), name)
    rows = make({"a": [1]}) if name != "Series" else make([1])
    with pytest.raises(SerializationError, match="is one value"):
        write_partitions(store, "n/out", rows, json, spec)


def test_an_item_that_cannot_be_written_is_named(store, json, spec):
    with pytest.raises(SerializationError, match=r"item 1: value\['a'\]: JSON has no set"):
        write_partitions(store, "n/out", [1, {"a": {2}}], json, spec)


def test_lists_of_lists_are_directories_of_directories(store, json, spec):
    nested = [[1, 2], [], [3]]
    written = write_partitions(store, "n/out", (iter(row) for row in nested), json, spec, depth=2)
    assert store.list("n/out") == ["0", "1", "2", "partitions.json"]
    assert store.list("n/out/0") == ["0", "1", "partitions.json"]
    assert read_value(store, written, json) == nested
    assert Artifact.from_json(written.to_json()) == written
    assert written.sha256 == identity_of_list(
        identity_of_list(item.sha256 for item in row.parts) for row in written.parts
    )


def test_neither_writing_nor_reading_holds_all_items(tmp_path):
    store, spec = open_store(tmp_path), SerializerSpec("bytes")
    serializer = load(spec)
    megabyte = 1 << 20

    def items():
        for at in range(40):
            yield bytes([at]) * megabyte

    write_partitions(store, "warm/out", [b"x"], serializer, spec)
    tracemalloc.start()
    written = write_partitions(store, "n/out", items(), serializer, spec)
    total = sum(len(item) for item in read_value(store, written, serializer))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 40 * megabyte
    assert peak < 5 * megabyte
