"""Entries of the cache name data of a run; the first of a key wins, and none leads elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dagger_providers.errors import CorruptValueError, FormatError, MissingValueError
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import (
    CommitRecord,
    Store,
    open_store,
    read_commit,
    read_value,
    write_commit,
    write_partitions,
    write_value,
)
from dagger_providers.storage.cache import (
    Entry,
    entries,
    entry_path,
    read_entry,
    relative_to_run,
    relative_to_store,
    remove_entry,
    verify,
    write_entry,
)

FIXTURE = Path(__file__).parent / "fixtures" / "cache-v1.json"
KEY = "ab" * 32


def entry_of(store: Store, run: str, value: object = 1, key: str = KEY) -> Entry:
    """Return an entry whose data were written to a run."""
    folder, json_ = open_store(store.join("runs", run)), load("json")
    spec = SerializerSpec("json")
    outputs = {
        "value": write_value(folder, "nodes/a/attempt-1/value", value, json_, spec),
        "items": write_partitions(folder, "nodes/a/attempt-1/items", [value] * 2, json_, spec),
    }
    named = {name: relative_to_store(one, run) for name, one in outputs.items()}
    return Entry(key, run, "a", (1,), "flow:a", named)


def test_an_entry_is_read_as_written(store):
    entry = entry_of(store, "r")
    assert write_entry(store, entry) is True
    assert read_entry(store, KEY) == entry


def test_the_first_entry_wins(store):
    first, second = entry_of(store, "one"), entry_of(store, "two")
    write_entry(store, first)
    assert write_entry(store, second) is False
    assert read_entry(store, KEY) == first
    assert store.list("cache/ab") == [f"{KEY}.json"]


def test_an_entry_whose_data_are_gone_is_replaced(store):
    write_entry(store, entry_of(store, "one"))
    second = entry_of(store, "two")
    assert write_entry(store, second, replace=True) is True
    assert read_entry(store, KEY) == second


def test_entries_are_listed_and_removed(store):
    assert list(entries(store)) == []
    other = "cd" * 32
    for key in (other, KEY):
        write_entry(store, entry_of(store, "r", key=key))
    store.write_atomic("cache/cd/broken.json", b"no JSON")
    assert [entry.key for entry in entries(store)] == [KEY, other]
    remove_entry(store, KEY)
    remove_entry(store, KEY)
    assert [entry.key for entry in entries(store)] == [other]
    with pytest.raises(MissingValueError):
        read_entry(store, KEY)


@pytest.mark.parametrize("own", ["two", "airflow/flow/two", "one"])
@pytest.mark.parametrize("run", ["one", "airflow/flow/one"])
def test_another_run_reads_the_data_by_its_own_commit_record(store, run, own):
    entry = entry_of(store, run, value=[1, "x"])
    folder = open_store(store.join("runs", own))
    outputs = {name: relative_to_run(one, own) for name, one in entry.outputs.items()}
    write_commit(folder, "nodes/b", CommitRecord("b", (), "attempt", outputs))
    record = read_commit(folder, "nodes/b")
    json_ = load("json")
    assert read_value(folder, record.outputs["value"], json_) == [1, "x"]
    assert read_value(folder, record.outputs["items"], json_) == [[1, "x"]] * 2


def test_a_moved_store_keeps_its_cached_results(tmp_path):
    store = open_store(tmp_path / "here")
    entry = entry_of(store, "one", value=5)
    folder = open_store(store.join("runs", "two"))
    outputs = {"value": relative_to_run(entry.outputs["value"], "two")}
    write_commit(folder, "nodes/b", CommitRecord("b", (), "attempt", outputs))
    (tmp_path / "here").rename(tmp_path / "there")
    folder = open_store(tmp_path / "there" / "runs" / "two")
    assert read_value(folder, read_commit(folder, "nodes/b").outputs["value"], load("json")) == 5


def test_data_are_verified(store):
    entry = entry_of(store, "r")
    value, items = entry.outputs["value"], entry.outputs["items"]
    verify(store, value)
    verify(store, items)
    store.write_atomic(f"{items.uri}/1", b"7")
    with pytest.raises(CorruptValueError, match="was changed since it was written"):
        verify(store, items)
    store.remove(value.uri)
    with pytest.raises(MissingValueError):
        verify(store, value)


@pytest.mark.parametrize(
    "uri", ["/etc/passwd", "runs/../other", "s3://bucket/runs/x", "cards/x", "runs/./x", "../runs"]
)
def test_an_entry_leads_nowhere_else(store, uri):
    document = entry_of(store, "r").to_json()
    document["outputs"]["value"]["uri"] = uri
    store.write_atomic(entry_path(KEY), json.dumps(document).encode())
    with pytest.raises(CorruptValueError, match="names data outside the runs of its store"):
        read_entry(store, KEY)


def test_nor_does_a_part_of_what_it_names(store):
    document = entry_of(store, "r").to_json()
    document["outputs"]["items"]["parts"][0]["name"] = "../../../../../secret"
    store.write_atomic(entry_path(KEY), json.dumps(document).encode())
    with pytest.raises(CorruptValueError, match="names data outside the runs of its store"):
        read_entry(store, KEY)


def test_an_entry_under_another_key_is_refused(store):
    store.write_atomic(entry_path("cd" * 32), json.dumps(entry_of(store, "r").to_json()).encode())
    with pytest.raises(CorruptValueError, match="is the entry of another key"):
        read_entry(store, "cd" * 32)


def test_no_entry_at_all_and_a_newer_one(store):
    store.write_atomic(entry_path(KEY), b'{"format": "dagger-providers.cache/1"}')
    with pytest.raises(FormatError, match="is no cache entry: KeyError 'key'"):
        read_entry(store, KEY)
    store.write_atomic(entry_path(KEY), b'{"format": "dagger-providers.cache/2"}')
    with pytest.raises(FormatError, match="upgrade dagger-providers"):
        read_entry(store, KEY)


def test_version_1_is_read_for_ever(tmp_path):
    text = FIXTURE.read_bytes()
    key = json.loads(text)["key"]
    store = open_store(tmp_path)
    store.write_atomic(entry_path(key), text)
    entry = read_entry(store, key)
    assert (entry.run, entry.node, entry.index) == ("airflow/flow/first", "outer.fit", (0, 2))
    assert [part.name for part in entry.outputs["items"].parts or ()] == ["0"]
