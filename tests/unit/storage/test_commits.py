import json as jsonlib
import subprocess
import sys
from pathlib import Path

import pytest

from dagger_providers.errors import CorruptValueError, FormatError, MissingValueError
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import (
    Artifact,
    CommitRecord,
    new_attempt_id,
    open_store,
    read_commit,
    read_value,
    write_commit,
    write_partitions,
    write_value,
)

FIXTURE = Path(__file__).parent / "fixtures" / "commit-v1.json"


def attempt(store, value, spec, node_path="nodes/a"):
    """Write and commit one attempt at a node; gives its record."""
    name = new_attempt_id()
    serializer = load(spec)
    outputs = {
        "value": write_value(store, f"{node_path}/attempt-{name}/value", value, serializer, spec),
        "items": write_partitions(
            store, f"{node_path}/attempt-{name}/items", [value] * 3, serializer, spec
        ),
    }
    record = CommitRecord("a", (0, 2), name, outputs, {"try": 1})
    write_commit(store, node_path, record)
    return record


def test_what_is_committed_is_what_is_read(store, spec):
    record = attempt(store, "x", spec)
    assert read_commit(store, "nodes/a") == record
    assert store.exists("nodes/a/commit.json")


def test_the_document_says_its_format_and_only_relative_places(store, spec):
    attempt(store, "x", spec)
    text = store.read_bytes("nodes/a/commit.json").decode()
    assert jsonlib.loads(text)["format"] == "dagger-providers.commit/1"
    assert store.uri not in text
    assert "\n" not in text


def test_nothing_committed_is_missing(store, spec):
    write_value(store, "nodes/a/attempt-1/value", 1, load(spec), spec)
    with pytest.raises(MissingValueError) as caught:
        read_commit(store, "nodes/a")
    assert str(caught.value) == f"nothing is committed at {store.join('nodes/a')}"


def test_the_last_commit_wins_and_both_attempts_stay(store, spec):
    first, second = attempt(store, "x", spec), attempt(store, "y", spec)
    assert read_commit(store, "nodes/a") == second
    for record, value in ((first, "x"), (second, "y")):
        assert read_value(store, record.outputs["value"], load(spec)) == value
        assert read_value(store, record.outputs["items"], load(spec)) == [value] * 3


def test_version_1_is_read_by_every_later_version(tmp_path):
    store = open_store(tmp_path)
    store.write_atomic("n/commit.json", FIXTURE.read_bytes())
    record = read_commit(store, "n")
    assert (record.node, record.index) == ("delays.fit", (0, 2))
    assert record.attempt == "18f2a6c0d3b4e5f6-0a1b2c3d"
    assert record.extra == {"try": 2, "seconds": 0.5, "extents": {"carrier": 3}}
    folder = "nodes/delays.fit/0.2/attempt-18f2a6c0d3b4e5f6-0a1b2c3d"
    value, rows, model = (record.outputs[name] for name in ("return_value", "rows", "model"))
    assert value == Artifact(
        f"{folder}/return_value.json",
        "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
        1,
        SerializerSpec("json", annotation="flights:fit#return"),
    )
    assert (rows.kind, [part.uri for part in rows.parts]) == (
        "partitioned",
        [f"{folder}/rows/0", f"{folder}/rows/1"],
    )
    assert rows.parts[1].serializer == SerializerSpec("parquet", (("frame", "pandas"),))
    assert (model.kind, [part.name for part in model.parts]) == ("directory", ["a.txt", "b.bin"])
    assert record.to_json() == jsonlib.loads(FIXTURE.read_text())


def test_unknown_fields_are_ignored(store):
    document = jsonlib.loads(FIXTURE.read_text())
    document["since"] = document["outputs"]["rows"]["colour"] = "later"
    store.write_atomic("n/commit.json", jsonlib.dumps(document).encode())
    assert read_commit(store, "n").node == "delays.fit"


def test_a_newer_major_is_refused_in_one_line(store):
    document = jsonlib.loads(FIXTURE.read_text()) | {"format": "dagger-providers.commit/2"}
    store.write_atomic("n/commit.json", jsonlib.dumps(document).encode())
    with pytest.raises(FormatError) as caught:
        read_commit(store, "n")
    assert str(caught.value) == (
        f"{store.join('n/commit.json')} is dagger-providers.commit/2, and this version reads up to "
        "dagger-providers.commit/1: upgrade dagger-providers"
    )


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", CorruptValueError),
        (b"{", CorruptValueError),
        (b"[]", FormatError),
        (b'{"format":"dagger-providers.run/1"}', FormatError),
        (b'{"format":"dagger-providers.commit/1"}', FormatError),
        (b'{"format":"dagger-providers.commit/1","node":"a","index":3}', FormatError),
    ],
)
def test_what_is_no_commit_record_is_told_with_its_place(store, data, error):
    store.write_atomic("n/commit.json", data)
    with pytest.raises(error) as caught:
        read_commit(store, "n")
    assert store.join("n/commit.json") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_attempt_ids_are_unique_and_sort_by_time():
    names = [new_attempt_id() for _ in range(1000)]
    assert len(set(names)) == 1000
    assert [name[:16] for name in names] == sorted(name[:16] for name in names)


RACER = """
import sys
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import *

root, value = sys.argv[1], sys.argv[2] * 60_000
store, spec, json = open_store(root), SerializerSpec("json"), load("json")
for _ in range(15):
    name = new_attempt_id()
    folder = f"nodes/a/attempt-{name}"
    outputs = {
        "value": write_value(store, f"{folder}/value", value, json, spec),
        "items": write_partitions(store, f"{folder}/items", [value] * 3, json, spec),
    }
    write_commit(store, "nodes/a", CommitRecord("a", (0, 2), name, outputs))
"""


def test_racing_processes_never_show_a_reader_half_a_value(tmp_path):
    store, spec = open_store(tmp_path), SerializerSpec("json")
    values = [letter * 60_000 for letter in "xyz"]
    attempt(store, values[0], spec)
    writers = [
        subprocess.Popen([sys.executable, "-c", RACER, str(tmp_path), letter]) for letter in "xyz"
    ]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        record = read_commit(store, "nodes/a")
        value = read_value(store, record.outputs["value"], load(spec))
        assert value in values
        assert read_value(store, record.outputs["items"], load(spec)) == [value] * 3
        reads += 1
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert reads > 0
    folders = [name for name in store.list("nodes/a") if name.startswith("attempt-")]
    assert len(folders) == 1 + 3 * 15
    assert store.list("nodes/a") == [*folders, "commit.json"]
