"""Records of long lists are read as written, whoever wrote them, and take little memory."""

import json as jsonlib
import tracemalloc

import pytest

from dagger_providers.errors import FormatError
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import (
    CommitRecord,
    open_store,
    read_commit,
    read_value,
    write_commit,
    write_partitions,
    write_value,
)
from dagger_providers.storage.cache import Entry, read_entry, relative_to_store, write_entry

LONG = 1500
"""So many parts that a record of them is longer than what is parsed as it is."""


def listed(store, json, spec, items=LONG, **options):
    return write_partitions(store, "nodes/a/attempt-1/items", range(items), json, spec, **options)


def record_of(**outputs):
    return CommitRecord("a", (0, 2), "1", outputs, {"try": 1})


@pytest.mark.parametrize("items", [0, 1, LONG])
def test_a_list_is_read_as_written(store, json, spec, items):
    record = record_of(
        items=listed(store, json, spec, items), one=write_value(store, "v", 1, json, spec)
    )
    write_commit(store, "n", record)
    assert read_commit(store, "n") == record
    assert jsonlib.loads(store.read_bytes("n/commit.json")) == record.to_json()
    assert list(read_value(store, read_commit(store, "n").outputs["items"], json)) == [
        *range(items)
    ]


def test_another_way_to_write_the_same_json_is_read_as_well(store, json, spec):
    record = record_of(items=listed(store, json, spec))
    store.write_atomic("n/commit.json", jsonlib.dumps(record.to_json(), indent=1).encode())
    assert read_commit(store, "n") == record


def test_long_lists_in_a_list_are_read_as_written(store, json, spec):
    rows = [range(LONG), [], [1]]
    record = record_of(rows=write_partitions(store, "rows", rows, json, spec, depth=2))
    write_commit(store, "n", record)
    assert read_commit(store, "n") == record


def test_several_lists_are_not_mixed_up(store, json, spec):
    outputs = {
        name: write_partitions(store, name, range(start, start + LONG), json, spec)
        for name, start in (("a", 0), ("b", 7))
    }
    write_commit(store, "n", record_of(**outputs))
    assert read_commit(store, "n").outputs == outputs
    assert outputs["a"] != outputs["b"]


def test_parts_in_another_order_stay_so(store, json, spec):
    document = record_of(items=listed(store, json, spec)).to_json()
    parts = document["outputs"]["items"]["parts"]
    parts[-1], parts[-2] = parts[-2], parts[-1]
    store.write_atomic("n/commit.json", jsonlib.dumps(document, separators=(",", ":")).encode())
    found = read_commit(store, "n").outputs["items"].parts
    assert [part.name for part in found] == [*map(str, range(LONG - 2)), "1499", "1498"]


@pytest.mark.parametrize("parts", [3, 0, True, "0", {"name": "0"}])
def test_what_is_no_list_of_parts_is_no_record(store, json, spec, parts):
    document = record_of(items=listed(store, json, spec, 1), more=listed(store, json, spec))
    document = document.to_json()
    document["outputs"]["items"]["parts"] = parts
    store.write_atomic("n/commit.json", jsonlib.dumps(document, separators=(",", ":")).encode())
    with pytest.raises(FormatError, match="no artifact: TypeError"):
        read_commit(store, "n")


def test_an_entry_of_a_long_list_is_read_as_written(store, json, spec):
    artifact = relative_to_store(listed(store, json, spec), "r")
    entry = Entry("ab" * 32, "r", "a", (), "flow:a", {"items": artifact})
    write_entry(store, entry)
    assert read_entry(store, entry.key) == entry
    assert artifact.parts[7].uri == "runs/r/nodes/a/attempt-1/items/7"


def test_a_long_list_takes_little_memory_written_and_read(tmp_path):
    store, json, spec = open_store(tmp_path), load("json"), SerializerSpec("json")
    items = 5 * LONG
    write_commit(store, "n", record_of(items=listed(store, json, spec)))
    read_commit(store, "n")  # what is imported on the way
    tracemalloc.start()
    try:
        record = record_of(items=listed(store, json, spec, items))
        held, _ = tracemalloc.get_traced_memory()
        write_commit(store, "n", record)
        del record
        found = read_commit(store, "n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.outputs["items"].parts) == items
    assert held / items < 60
    assert peak / items < 200
