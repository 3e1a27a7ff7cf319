import hashlib
import json as jsonlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagger_providers.errors import (
    CorruptValueError,
    DeserializationError,
    MissingValueError,
    SerializationError,
    UsageError,
    WrongKindError,
)
from dagger_providers.serializers import load
from dagger_providers.storage import identity_of_list, open_store, read_location, write_location
from dagger_providers.storage.locations import identity_at


def parts(folder, **files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.removeprefix("_").replace("__", ".")).write_text(content)
    return folder


def test_a_value_is_one_file_and_nothing_beside(store, json):
    location = store.join("made/on/demand/value.json")
    written = write_location(location, {"a": [1]}, json)
    assert (written.uri, written.size) == (location, 9)
    assert store.list("made/on/demand") == ["value.json"]
    assert store.read_bytes("made/on/demand/value.json") == b'{"a":[1]}'
    assert read_location(location, json) == {"a": [1]}


def test_a_location_is_written_again(store, json):
    location = store.join("out")
    for value in (1, [2, 3], "x"):
        write_location(location, value, json)
        assert read_location(location, json) == value
    for items in (list(range(12)), [7], []):
        written = write_location(location, iter(items), json, depth=1)
        assert read_location(location, json, depth=1) == items
        assert store.list("out") == sorted([*map(str, range(len(items))), "partitions.json"])
        assert [part.uri for part in written.parts] == [
            f"{location}/{at}" for at in range(len(items))
        ]
    write_location(location, 1, json)
    assert read_location(location, json) == 1
    assert store.list("") == ["out"]


def test_eleven_and_more_parts_come_in_numeric_order(store, json):
    for at in range(12):
        store.write_atomic(f"parts/{at}", str(at).encode())
    assert read_location(store.join("parts"), json, depth=1) == list(range(12))


def test_the_manifest_is_honoured(store, json):
    for name, data in {"a": b"1", "b": b"2", "9": b"9", "notes.txt": b"?"}.items():
        store.write_atomic(f"parts/{name}", data)
    store.write_atomic("parts/partitions.json", b'["b","a"]')
    assert read_location(store.join("parts"), json, depth=1) == [2, 1]
    store.write_atomic("parts/partitions.json", b'["b","gone"]')
    handle = read_location(store.join("parts"), json, depth=1)
    with pytest.raises(MissingValueError, match=r"nothing at .*parts/gone"):
        list(handle)


def test_a_foreign_file_without_a_manifest_is_refused_and_markers_are_ignored(tmp_path, json):
    # py-dagger ended in the ValueError of int("notes.txt").
    folder = parts(tmp_path / "parts", _0="1", _2="3", _SUCCESS="", __DS_Store="x")
    (folder / "SUCCESS").rename(folder / "_SUCCESS")
    assert read_location(folder, json, depth=1) == [1, 3]
    (folder / "notes.txt").write_text("x")
    with pytest.raises(DeserializationError, match=r"holds 'notes.txt', which is no partition"):
        read_location(folder, json, depth=1)


@pytest.mark.parametrize(
    "manifest", ["{", '{"0": 1}', "[0]", '["../0"]', '["a/b"]', '[""]', '["0","0"]', '[".."]']
)
def test_a_bad_manifest_is_corrupt(tmp_path, json, manifest):
    folder = parts(tmp_path / "parts", _0="1", partitions__json=manifest)
    with pytest.raises(CorruptValueError, match=r"partitions\.json"):
        read_location(folder, json, depth=1)


def test_nested_lists_are_nested_directories(store, json):
    location = store.join("nested")
    nested = [[[1], []], [], [[2, 3]]]
    written = write_location(location, nested, json, depth=3)
    assert read_location(location, json, depth=3) == nested
    assert store.list("nested/0") == ["0", "1", "partitions.json"]
    assert read_location(location, json, depth=3, expect=f"sha256:{written.sha256}") == nested
    for folder in ("nested", "nested/0", "nested/2"):
        store.remove(f"{folder}/partitions.json")
    assert read_location(location, json, depth=3) == nested


def test_an_expected_identity_is_checked(store, json):
    value, items = store.join("value"), store.join("items")
    write_location(value, 1, json)
    write_location(items, [1, 2], json, depth=1)
    digest = {n: hashlib.sha256(str(n).encode()).hexdigest() for n in (1, 2)}
    assert read_location(value, json, expect=f"sha256:{digest[1]}") == 1
    listed = identity_of_list([digest[1], digest[2]])
    assert read_location(items, json, depth=1, expect=f"sha256:{listed}") == [1, 2]
    with pytest.raises(CorruptValueError, match=digest[2][:12]):
        read_location(value, json, expect=f"sha256:{digest[2]}")
    with pytest.raises(CorruptValueError):
        read_location(items, json, depth=1, expect=f"sha256:{digest[2]}")
    for expect in ("", "abc", "md5:abc", "sha256:abc"):
        with pytest.raises(UsageError, match="'sha256:<64 hex digits>'"):
            read_location(value, json, expect=expect)


def test_parts_checked_once_are_checked_again_when_read(store, json):
    location = store.join("items")
    written = write_location(location, [1, 2], json, depth=1)
    handle = read_location(location, json, depth=1, expect=f"sha256:{written.sha256}")
    store.write_atomic("items/1", b"9")
    with pytest.raises(CorruptValueError):
        list(handle)


def test_the_wrong_kind_of_location_is_told(store, json):
    write_location(store.join("value"), 1, json)
    write_location(store.join("items"), [1], json, depth=1)
    with pytest.raises(UsageError, match="is a directory; expected a file in format 'json'"):
        read_location(store.join("items"), json)
    with pytest.raises(UsageError, match="is a file; expected a directory of partitions"):
        read_location(store.join("value"), json, depth=1)
    for depth in (0, 1):
        with pytest.raises(MissingValueError, match="nothing at"):
            read_location(store.join("none"), json, depth=depth)


def test_an_empty_directory_is_no_empty_list(tmp_path, json):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingValueError, match=r"an empty list is a partitions.json with \[\]"):
        read_location(tmp_path / "empty", json, depth=1)


def test_a_failed_write_leaves_the_location_as_it_was(store, json):
    write_location(store.join("value"), 1, json)
    write_location(store.join("items"), [1, 2], json, depth=1)

    def broken():
        yield 9
        raise LookupError("the user's")

    with pytest.raises(SerializationError):
        write_location(store.join("value"), {1}, json)
    with pytest.raises(LookupError, match="the user's"):
        write_location(store.join("items"), broken(), json, depth=1)
    assert read_location(store.join("value"), json) == 1
    assert read_location(store.join("items"), json, depth=1) == [1, 2]
    assert store.list("") == ["items", "value"]


def test_somebodys_files_are_never_removed(store, json):
    store.write_atomic("home/thesis.tex", b"x")
    for depth in (0, 1):
        with pytest.raises(UsageError, match=r"holds 'thesis.tex', which an output would remove"):
            write_location(store.join("home"), [1], json, depth=depth)
    write_location(store.join("items"), [1], json, depth=1)
    store.write_atomic("items/notes.txt", b"x")
    with pytest.raises(UsageError, match=r"holds 'notes.txt'"):
        write_location(store.join("items"), [2], json, depth=1)
    assert store.read_bytes("home/thesis.tex") == b"x"


def test_files_and_directories_are_values_too(store, tmp_path):
    files = load("path")
    source = parts(tmp_path / "source", model__bin="M")
    location = store.join("out")
    written = write_location(location, source, files)
    again = read_location(location, files, expect=f"sha256:{written.sha256}")
    assert (again / "model.bin").read_text() == "M"
    (source / "model.bin").rename(source / "other.bin")
    write_location(location, source, files)
    assert [file.name for file in read_location(location, files).iterdir()] == ["other.bin"]
    write_location(location, source / "other.bin", files)
    assert read_location(location, files).read_text() == "M"
    assert store.list("") == ["out"]


def test_paths_of_all_kinds_are_locations(tmp_path, json, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for location in ("here.json", Path("there.json"), f"file://{tmp_path}/url.json", "./d/e.json"):
        write_location(location, 1, json)
        assert read_location(location, json) == 1
    write_location("parts/", [1], json, depth=1)
    assert read_location("parts/", json, depth=1) == [1]
    assert sorted(os.listdir(tmp_path)) == ["d", "here.json", "parts", "there.json", "url.json"]  # noqa: PTH208


def test_a_link_to_an_output_stays_one(tmp_path, json):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").symlink_to(tmp_path / "real.json")
    write_location(tmp_path / "link", [1], json, depth=1)
    write_location(tmp_path / "file", 2, json)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").is_symlink()
    assert read_location(tmp_path / "real", json, depth=1) == [1]
    assert read_location(tmp_path / "real.json", json) == 2


def test_a_device_is_never_replaced(tmp_path, json):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is a device or pipe"):
        write_location(tmp_path / "pipe", 1, json)
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_that_cannot_be_made_is_told(tmp_path, json):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongKindError, match="/file is a file, and should be a folder") as caught:
        write_location(tmp_path / "file" / "out", 1, json)
    assert "\n" not in str(caught.value)


MOUNTED = """
import os, sys
from dagger_providers.serializers import load
from dagger_providers.storage import read_location, write_location
folder = sys.argv[1]
json = load("json")
for items in ([1, 2, 3], [4]):
    write_location(f"{folder}/parts", items, json, depth=1)
    assert read_location(f"{folder}/parts", json, depth=1) == items
assert sorted(os.listdir(f"{folder}/parts")) == ["0", "partitions.json"]
for value in ("a long value", 1):
    write_location(f"{folder}/value", value, json)
    assert read_location(f"{folder}/value", json) == value
assert sorted(os.listdir(folder)) == ["parts", "source", "value"], os.listdir(folder)
print("fine")
"""


def test_a_mounted_location_is_written_in_place(tmp_path):
    # Containers mount one output file or folder; renaming over a mount point is refused.
    (tmp_path / "parts").mkdir()
    for name in ("value", "source"):
        (tmp_path / name).write_text("")
    script = (
        'mount -t tmpfs none "$1/parts" && mount --bind "$1/source" "$1/value" '
        '&& echo mounted && exec "$2" -c "$3" "$1"'
    )
    told = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, MOUNTED],
        capture_output=True,
        text=True,
        check=False,
    )
    if not told.stdout.startswith("mounted"):
        pytest.skip(f"no mounts in this environment: {told.stderr.strip()}")
    assert told.stdout.split() == ["mounted", "fine"], told.stderr


def test_a_location_is_readable_by_others(tmp_path, json):
    write_location(tmp_path / "value", 1, json)
    write_location(tmp_path / "parts", [1], json, depth=1)
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "value").stat().st_mode & 0o777 == 0o666 & ~mask
    assert (tmp_path / "parts").stat().st_mode & 0o777 == 0o777 & ~mask
    assert jsonlib.loads((tmp_path / "parts" / "partitions.json").read_text()) == ["0"]
    assert open_store(tmp_path).list("") == ["parts", "value"]


def test_the_identity_of_what_lies_there(store, json):
    location = store.join("value.json")
    written = write_location(location, [1], json)
    assert identity_at(location, json) == written.sha256
    parts = write_location(store.join("parts"), iter([1, 2]), json, depth=1)
    assert identity_at(store.join("parts"), json, depth=1) == parts.sha256
    with pytest.raises(MissingValueError):
        identity_at(store.join("absent.json"), json)


def test_a_file_is_fetched_once_to_be_checked_and_read(tmp_path, json, monkeypatch):
    store = open_store(tmp_path)
    written = write_location(tmp_path / "value.json", [1], json)
    opened = []
    for name in ("open_read", "read_bytes"):
        real = getattr(type(store), name)
        monkeypatch.setattr(
            type(store), name, lambda self, path, real=real: opened.append(path) or real(self, path)
        )
    expect = f"sha256:{written.sha256}"
    assert read_location(tmp_path / "value.json", json, expect=expect) == [1]
    assert opened == ["value.json"]
