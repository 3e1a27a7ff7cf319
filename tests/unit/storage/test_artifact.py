"""The parts of an artifact are a sequence of artifacts, however they are held."""

import pickle

import pytest

from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import (
    Artifact,
    identity_of_list,
    read_value,
    write_partitions,
    write_value,
)


@pytest.fixture
def written(store, json, spec):
    return write_partitions(store, "n/out", range(5), json, spec)


def test_each_part_is_what_was_written(store, json, spec, written):
    values = [write_value(store, f"n/{at}", at, json, spec) for at in range(5)]
    assert [part.uri for part in written.parts] == [f"n/out/{at}" for at in range(5)]
    assert [(p.sha256, p.size) for p in written.parts] == [(v.sha256, v.size) for v in values]
    assert {(part.kind, part.serializer, part.parts) for part in written.parts} == {
        ("value", spec, None)
    }
    assert written.sha256 == identity_of_list(value.sha256 for value in values)


def test_parts_are_taken_as_items_of_a_list_are(written):
    parts = written.parts
    as_list = list(parts)
    assert (parts[1], parts[-1]) == (as_list[1], as_list[4])
    assert (list(parts[1:3]), list(parts[::-2])) == (as_list[1:3], as_list[::-2])
    assert as_list[3] in parts
    for outside in (5, -6):
        with pytest.raises(IndexError):
            parts[outside]


def test_an_artifact_can_be_pickled_and_compared(store, json, spec, written):
    assert pickle.loads(pickle.dumps(written)) == written
    assert write_partitions(store, "n/out", range(5), json, spec) == written
    assert write_partitions(store, "n/out", range(6), json, spec) != written


def test_parts_move_with_their_artifact(written):
    moved = written.at("runs/r/n/out")
    assert [part.uri for part in moved.parts][:2] == ["runs/r/n/out/0", "runs/r/n/out/1"]
    assert moved.at("n/out") == written


def test_a_folder_after_files_is_a_part_as_well(store, tmp_path):
    (tmp_path / "file").write_text("one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner.txt").write_text("two")
    spec = SerializerSpec("path")
    sources = [tmp_path / name for name in ("file", "folder", "file")]
    written = write_partitions(store, "n/out", sources, load(spec), spec)
    assert Artifact.from_json(written.to_json()) == written
    assert [part.kind for part in written.parts] == ["value", "directory", "value"]
    first, folder, last = read_value(store, written, load(spec))
    assert (first.read_text(), last.read_text()) == ("one", "one")
    assert (folder / "inner.txt").read_text() == "two"


def test_a_digest_of_another_kind_is_kept_as_it_is(spec):
    document = {
        "uri": "n/out",
        "serializer": "json",
        "sha256": "x",
        "size": 3,
        "kind": "partitioned",
        "parts": [{"name": "0", "sha256": sha, "size": 1} for sha in ("AB" * 32, "cd" * 20, "")],
    }
    assert Artifact.from_json(document).to_json() == document
