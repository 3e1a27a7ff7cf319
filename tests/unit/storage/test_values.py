import hashlib
import io
from pathlib import Path

import pytest

from dagger_providers.errors import (
    CorruptValueError,
    DeserializationError,
    FormatError,
    MissingValueError,
    SerializationError,
    StorageError,
)
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import (
    Artifact,
    identity_of_directory,
    identity_of_list,
    open_store,
    read_value,
    write_value,
)

PATH = SerializerSpec("path")


def test_a_value_lies_under_its_name_with_its_extension(store, json, spec):
    written = write_value(store, "nodes/a/attempt-1/out", {"b": 1, "a": 2}, json, spec)
    assert written.uri == "nodes/a/attempt-1/out.json"
    data = store.read_bytes(written.uri)
    assert data == b'{"b":1,"a":2}'
    assert (written.sha256, written.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert read_value(store, written, json) == {"b": 1, "a": 2}
    assert Artifact.from_json(written.to_json()) == written


def test_a_moved_store_is_read_as_before(tmp_path, json, spec):
    written = write_value(open_store(tmp_path / "one"), "a/out", [1], json, spec)
    (tmp_path / "one").rename(tmp_path / "two")
    assert read_value(open_store(tmp_path / "two"), written, json) == [1]


@pytest.mark.parametrize("name", ["pickle", "text", "bytes"])
def test_every_stream_serializer_fits(store, name):
    value = b"" if name == "bytes" else ""
    written = write_value(store, "a/out", value, load(name), SerializerSpec(name))
    assert read_value(store, written, load(name)) == value


@pytest.mark.parametrize("frame", ["pandas", "polars", "arrow"])
@pytest.mark.parametrize("name", ["parquet", "csv"])
def test_frames_have_equal_bytes_each_time(store, frame, name):
    module = pytest.importorskip("pyarrow" if frame == "arrow" else frame)
    make = module.table if frame == "arrow" else module.DataFrame
    rows = make({"carrier": ["AA", "UA"], "delay": [1.5, 2.0]})
    spec = SerializerSpec(name, (("frame", frame),))
    one, two = (write_value(store, path, rows, load(spec), spec) for path in ("a/x", "b/x"))
    assert one.sha256 == two.sha256
    again = read_value(store, one, load(spec))
    assert type(again) is type(rows)
    assert again.equals(rows)


def test_changed_bytes_are_told_with_both_digests(store, json, spec):
    written = write_value(store, "a/out", 1, json, spec)
    store.write_atomic(written.uri, b"2")
    with pytest.raises(CorruptValueError) as caught:
        read_value(store, written, json)
    text = str(caught.value)
    assert store.join(written.uri) in text
    assert written.sha256[:12] in text
    assert hashlib.sha256(b"2").hexdigest()[:12] in text
    assert "\n" not in text


def test_a_corrupt_pickle_is_never_loaded(store):
    spec = SerializerSpec("pickle")
    written = write_value(store, "a/out", 1, load(spec), spec)
    store.write_atomic(written.uri, b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(CorruptValueError):
        read_value(store, written, load(spec))


def test_a_lost_value_is_missing(store, json, spec):
    written = write_value(store, "a/out", 1, json, spec)
    store.remove(written.uri)
    with pytest.raises(MissingValueError, match="nothing at"):
        read_value(store, written, json)


def test_another_serializer_is_told_with_the_place(store, json, spec):
    written = write_value(store, "a/out", "x", load("text"), SerializerSpec("text"))
    with pytest.raises(DeserializationError, match=r"a/out\.txt: expected JSON, got b'x'"):
        read_value(store, written, json)


class Closes:
    """A serializer that closes the stream it is given, as text wrappers do."""

    name = "closes"
    extension = "txt"

    def write(self, value, stream):
        with io.TextIOWrapper(stream, "utf-8") as wrapper:
            wrapper.write(value)

    def read(self, stream):
        with io.TextIOWrapper(stream, "utf-8") as wrapper:
            return wrapper.read()


def test_a_serializer_that_closes_its_stream_does_no_harm(store):
    written = write_value(store, "a/out", "text", Closes(), SerializerSpec("m:Closes"))
    assert written.size == 4
    assert read_value(store, written, Closes()) == "text"


class Full(io.RawIOBase):
    def write(self, _):
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_the_stores_fault_not_the_values():
    class FullStore:
        def join(self, path):
            return f"full://{path}"

        def open_write(self, _):
            return Full()

    for name in ("json", "pickle", "parquet"):
        value = 1 if name != "parquet" else pytest.importorskip("pandas").DataFrame({"a": [1]})
        with pytest.raises(StorageError, match=r"full://a.*: No space left on device"):
            write_value(FullStore(), "a", value, load(name), SerializerSpec(name))


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("A")
    (folder / "sub" / "b.bin").write_bytes(b"B")
    return folder


def test_a_file_keeps_its_suffix_and_bytes(store, tree):
    written = write_value(store, "n/out", tree / "a.txt", load(PATH), PATH)
    assert written.uri == "n/out.txt"
    assert written.kind == "value"
    again = read_value(store, written, load(PATH))
    assert isinstance(again, Path)
    assert (again.suffix, again.read_text()) == (".txt", "A")


def test_a_directory_has_the_identity_of_its_files(store, tree):
    written = write_value(store, "n/out", tree, load(PATH), PATH)
    digests = {"a.txt": hashlib.sha256(b"A"), "sub/b.bin": hashlib.sha256(b"B")}
    assert written.kind == "directory"
    assert [part.uri for part in written.parts] == ["n/out/a.txt", "n/out/sub/b.bin"]
    assert written.sha256 == identity_of_directory(
        (name, digest.hexdigest()) for name, digest in digests.items()
    )
    assert Artifact.from_json(written.to_json()) == written
    again = read_value(store, written, load(PATH))
    assert (again / "sub" / "b.bin").read_bytes() == b"B"
    for path, data in (("n/out/a.txt", b"changed"), ("n/out/more.txt", b"added")):
        store.write_atomic(path, data)
        with pytest.raises(CorruptValueError):
            read_value(store, written, load(PATH))


def test_what_is_no_file_is_refused(store, tree, tmp_path):
    (tmp_path / "empty").mkdir()
    (tree / "loop").symlink_to(tree)
    for value, text in [
        ("a.txt", "expected pathlib.Path, got str"),
        (tree / "none", "no file or directory at"),
        (tmp_path / "empty", "without a file"),
        (tree, "links to a directory"),
    ]:
        with pytest.raises(SerializationError, match=text):
            write_value(store, "n/out", value, load(PATH), PATH)


def test_identities_are_the_documented_ones():
    assert identity_of_list([]) == hashlib.sha256(b"[]").hexdigest()
    assert identity_of_list(["aa", "bb"]) == hashlib.sha256(b'["aa","bb"]').hexdigest()
    nested = identity_of_list([identity_of_list(["aa"]), identity_of_list([])])
    assert nested != identity_of_list(["aa"])
    assert (
        identity_of_directory([("b", "2"), ("a", "1")])
        == hashlib.sha256(b'[["a","1"],["b","2"]]').hexdigest()
    )


@pytest.mark.parametrize(
    "document",
    [None, {}, {"uri": "a", "serializer": "json", "sha256": "x"},
     {"uri": "a", "serializer": "json", "sha256": "x", "size": 1, "kind": "new"}],
)  # fmt: skip
def test_what_is_no_artifact_is_refused(document):
    with pytest.raises(FormatError, match="no artifact"):
        Artifact.from_json(document)
