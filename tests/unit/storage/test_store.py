import errno
import os
import pickle
import subprocess
import sys
import threading

import pytest

from dagger_providers.errors import MissingValueError, StorageError, UsageError, WrongKindError
from dagger_providers.storage import open_store
from dagger_providers.storage.schemes import has_driver


def test_opening_makes_nothing(tmp_path):
    open_store(tmp_path / "none")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a store is not a Path


def test_a_store_knows_its_uri_and_joins_paths(tmp_path):
    assert open_store(tmp_path).join("a", "b.json") == f"{tmp_path}/a/b.json"
    assert open_store(f"file://{tmp_path}/").uri == str(tmp_path)
    assert open_store("memory://x/y/").join("a", "b.json") == "memory://x/y/a/b.json"
    assert open_store("memory://").join("a") == "memory://a"


def test_an_absolute_path_stays_itself(tmp_path):
    assert (
        open_store(tmp_path / "runs").join(f"{tmp_path}/cards/c.json") == f"{tmp_path}/cards/c.json"
    )
    assert open_store("memory://x/runs").join("memory://x/cards") == "memory://x/cards"


def test_a_path_may_lead_beside_the_folder(store):
    store.write_atomic("runs/a/x", b"x")
    beside = open_store(store.join("runs", "b", "c"))
    assert beside.join("../../a/x") == store.join("runs/a/x")
    assert beside.read_bytes("../../a/x") == b"x"


def test_of_two_new_files_the_first_stays(store):
    assert store.write_new("a/doc.json", b"first") is True
    assert store.write_new("a/doc.json", b"second") is False
    assert store.read_bytes("a/doc.json") == b"first"
    assert store.list("a") == ["doc.json"]


def test_many_may_write_the_first_files_below_a_missing_folder(tmp_path):
    problems = []

    def write(start, store, number):
        start.wait()
        try:
            store.write_atomic(f"nodes/{number}/attempt/doc", b"")
            store.open_write(f"nodes/{number}/other/doc").close()
        except StorageError as error:
            problems.append(error)

    for turn in range(50):
        start = threading.Barrier(8)
        store = open_store(tmp_path / str(turn) / "runs")
        writers = [
            threading.Thread(target=write, args=(start, store, number)) for number in range(8)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    assert problems == []


def test_of_many_writers_of_a_new_file_one_wins(tmp_path):
    won = []

    def write(number):
        if open_store(tmp_path).write_new("doc", b"%d" % number):
            won.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (tmp_path / "doc").read_text() == str(*won)


def test_a_new_file_where_links_are_not_known(tmp_path, monkeypatch):
    def link(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    store = open_store(tmp_path)
    assert [store.write_new("doc", b"1"), store.write_new("doc", b"2")] == [True, False]
    assert (store.read_bytes("doc"), store.list("")) == (b"1", ["doc"])


def test_bytes_written_are_bytes_read(store):
    with store.open_write("a/b/c.bin") as stream:
        stream.write(b"ab")
        stream.write(b"cd")
    assert store.read_bytes("a/b/c.bin") == b"abcd"
    with store.open_read("a/b/c.bin") as stream:
        assert stream.read(2) == b"ab"
        assert stream.seek(0) == 0
        assert stream.read() == b"abcd"


def test_an_atomic_write_replaces_and_leaves_nothing_beside(store):
    store.write_atomic("a/doc.json", b"old")
    store.write_atomic("a/doc.json", b"new")
    assert store.read_bytes("a/doc.json") == b"new"
    assert store.list("a") == ["doc.json"]


def test_listing_and_existence(store):
    for path in ("d/10", "d/2", "d/sub/x", "d/d"):
        store.write_atomic(path, b"x")
    assert store.list("d") == ["10", "2", "d", "sub"]
    assert store.list("none") == []
    assert store.exists("d/2")
    assert store.exists("d/sub")
    assert not store.exists("d/3")
    assert store.is_directory("d/sub")
    assert not store.is_directory("d/2")
    assert not store.is_directory("none")


def test_removing(store):
    store.write_atomic("d/sub/x", b"x")
    store.write_atomic("d/y", b"y")
    store.remove("d/sub")
    store.remove("d/none")
    assert store.list("d") == ["y"]
    store.remove("d/y")
    assert not store.exists("d/y")


def test_nothing_is_missing_in_one_line(store):
    for read in (store.read_bytes, store.open_read, store.local_path):
        with pytest.raises(MissingValueError) as caught:
            read("no/such")
        assert str(caught.value) == f"nothing at {store.join('no/such')}"


def test_files_and_folders_go_in_and_come_out(store, tmp_path):
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_text("A")
    (source / "sub" / "b.bin").write_bytes(b"\x00" * 3_000_000)
    store.put_path(source, "tree")
    store.put_path(source / "a.txt", "one.txt")
    tree = store.local_path("tree")
    assert (tree / "a.txt").read_text() == "A"
    assert (tree / "sub" / "b.bin").stat().st_size == 3_000_000
    one = store.local_path("one.txt")
    assert (one.name, one.read_text()) == ("one.txt", "A")


def test_a_store_crosses_processes(store):
    store.write_atomic("x", b"x")
    again = pickle.loads(pickle.dumps(store))
    assert again == store
    assert again.read_bytes("x") == b"x"
    with pytest.raises(AttributeError):
        store.uri = "elsewhere"


def test_a_file_in_the_way_is_told_in_one_line(tmp_path):
    store = open_store(tmp_path)
    store.write_atomic("a", b"file")
    for inside in (store.open_write, store.list, store.read_bytes):
        with pytest.raises(WrongKindError) as caught:
            inside("a/b/c")
        assert str(caught.value) == f"{tmp_path}/a is a file, and should be a folder"
    with pytest.raises(WrongKindError) as caught:
        store.read_bytes(".")
    assert str(caught.value) == f"{tmp_path} is a folder, and should be a file"


def test_a_file_where_a_folder_is_to_be_made_is_told(tmp_path):
    (tmp_path / "a").symlink_to("nowhere")
    with pytest.raises(WrongKindError, match="/a is a file, and should be a folder"):
        open_store(tmp_path).write_atomic("a/b", b"")


def test_an_unknown_scheme_is_misuse():
    with pytest.raises(UsageError, match="no file system is known as nope://"):
        open_store("nope://bucket/x")


@pytest.mark.parametrize(
    ("uri", "known"),
    [
        ("/a/b", True), ("file:///a", True), ("s3://b/x", True), ("simplecache::s3://b/x", True),
        ("nope://b/x", False), ("simplecache::nope://b/x", False),
    ],
)  # fmt: skip
def test_which_locations_have_a_driver(uri, known):
    assert has_driver(uri) == known


@pytest.mark.parametrize(
    ("uri", "driver", "extra"),
    [("s3://b/x", "s3fs", "s3"), ("gs://b/x", "gcsfs", "gcs"), ("az://b/x", "adlfs", "azure")],
)
def test_a_missing_driver_is_named_as_an_extra(uri, driver, extra):
    code = f"""
import sys
sys.modules[{driver!r}] = None
from dagger_providers.errors import MissingExtraError
from dagger_providers.storage import open_store
try:
    open_store({uri!r})
except MissingExtraError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"pip install 'dagger-providers[{extra}]'" in told.stdout


def test_a_reader_never_sees_half_of_an_atomic_write(store):
    documents = [bytes([65 + turn]) * 200_000 for turn in range(8)]
    store.write_atomic("doc", documents[0])
    done = threading.Event()
    seen = []

    def read():
        while not done.is_set():
            seen.append(store.read_bytes("doc") in documents)

    reader = threading.Thread(target=read)
    reader.start()
    writers = [
        threading.Thread(target=lambda one=one: [store.write_atomic("doc", one) for _ in range(20)])
        for one in documents
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert seen
    assert all(seen)
    assert store.list("") == ["doc"]
