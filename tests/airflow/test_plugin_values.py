"""What the plugin reads from stores: within bounds, of allowed places, and running no code."""

import json
import os
import pickle
import struct
import zlib
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from dagger_providers.errors import StorageError, UsageError
from dagger_providers.serializers import SerializerSpec
from dagger_providers.storage import Artifact


@pytest.fixture
def folder(home, tmp_path, monkeypatch):
    """The folder of a run, and how to put an artifact there."""
    from dagger_providers.airflow.plugin.stores import Folder

    made = Folder(str(tmp_path / "store"), "airflow/d/r")
    Path(made.uri).mkdir(parents=True)
    return made


def put(folder, data, serializer, name="value"):
    path = Path(folder.uri) / name
    path.write_bytes(data)
    return Artifact(name, "0" * 64, len(data), SerializerSpec(serializer))


def shown(folder, artifact, part=None):
    from dagger_providers.airflow.plugin.previews import preview

    found = preview(folder, artifact, part)
    assert len(json.dumps(found)) < 4_000_000
    return found


class Bomb:
    def __reduce__(self):
        return os._exit, (3,)


@pytest.mark.parametrize("name", ["v.pkl", "v.joblib", "v.npy"])
def test_a_pickle_is_never_opened(folder, name):
    as_pickle = put(folder, pickle.dumps(Bomb()), "pickle")
    as_file = put(folder, pickle.dumps(Bomb()), "path", name)

    assert shown(folder, as_pickle) == {
        "kind": "none",
        "why": "A pickle is not opened here: reading one runs the code in it.",
    }
    assert shown(folder, as_file)["kind"] == "none"


def test_a_serializer_of_the_user_s_is_not_run(folder):
    assert "is not run here" in shown(folder, put(folder, b"x", "os:_exit"))["why"]


def test_json(folder):
    found = shown(folder, put(folder, b'{"a":[1,{"b":null}]}', "json"))

    assert found["kind"] == "json"
    assert json.loads(found["text"]) == {"a": [1, {"b": None}]}
    assert found["series"] is None


@pytest.mark.parametrize(
    ("value", "series"),
    [
        ([3, 1.5], [["0", 3], ["1", 1.5]]),
        ({"a": 1, "b": 2}, [["a", 1], ["b", 2]]),
        ([True, 1], None),
    ],
)
def test_numbers_can_be_plotted(folder, value, series):
    assert shown(folder, put(folder, json.dumps(value).encode(), "json"))["series"] == series


def test_records_are_a_table(folder):
    rows = [{"a": at, "b": "x" * 1000} for at in range(300)]
    found = shown(folder, put(folder, json.dumps(rows).encode(), "json"))

    assert [column["name"] for column in found["columns"]] == ["a", "b"]
    assert (len(found["rows"]), found["rows_in_all"]) == (50, 300)
    assert len(found["rows"][0][1]) < 210


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "NaN-", '"\\ud800"'])
def test_json_that_is_odd_is_shown_as_it_is(folder, text):
    assert shown(folder, put(folder, text.encode(), "json"))["kind"] in {"text", "json"}


@pytest.mark.parametrize("serializer", ["text", "json", "bytes", "csv", "parquet", "path"])
def test_ten_gigabytes_are_not_read(folder, serializer):
    path = Path(folder.uri) / "value"
    with path.open("wb") as stream:
        stream.write(b"a,b\n1,2\n")
        stream.truncate(10 << 30)
    shown(folder, Artifact("value", "0" * 64, 10 << 30, SerializerSpec(serializer)))

    assert (96 << 20) - folder.budget.left <= 2 << 20


def test_a_table_of_many_rows_and_columns(folder):
    path = Path(folder.uri) / "value"
    columns = dict.fromkeys((f"c{n}" for n in range(40)), pa.array(range(50_000)))
    parquet.write_table(pa.table(columns), path)
    size = path.stat().st_size
    found = shown(folder, Artifact("value", "0" * 64, size, SerializerSpec("parquet")))

    assert (len(found["columns"]), found["columns_in_all"]) == (30, 40)
    assert (len(found["rows"]), found["rows_in_all"]) == (50, 50_000)
    assert found["rows"][7][:2] == [7, 7]
    assert (96 << 20) - folder.budget.left < size


@pytest.mark.parametrize("data", [b"", b"PAR1", b"x" * 50 + struct.pack("<I", 20) + b"PAR1"])
def test_a_broken_table_is_one_line(folder, data):
    assert shown(folder, put(folder, data, "parquet"))["kind"] == "none"


def test_csv(folder):
    found = shown(folder, put(folder, b'name,n\n"a, b",1\nc,2.5\n', "csv"))

    assert found["rows"] == [["a, b", 1.0], ["c", 2.5]]
    assert found["rows_in_all"] == 2


def test_a_picture(folder):
    chunk = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    found = shown(folder, put(folder, b"\x89PNG\r\n\x1a\n" + chunk, "path", "plot.png"))

    assert (found["kind"], found["type"]) == ("image", "image/png")


def test_a_page_is_for_a_frame_without_scripts(folder):
    found = shown(folder, put(folder, b"<script>alert(1)</script>", "path", "report.html"))

    assert found["kind"] == "page"


def test_bytes_are_shown_in_hex(folder):
    found = shown(folder, put(folder, b"ab\x00" * 200, "bytes"))

    assert found["hex"].startswith("61 62 00")
    assert found["text"].startswith("ab.ab.")
    assert found["more"]


def test_fifty_thousand_parts(folder):
    parts = tuple(Artifact(f"v/{n}", "0" * 64, 1, SerializerSpec("json")) for n in range(50_000))
    whole = Artifact("v", "0" * 64, 50_000, SerializerSpec("json"), "partitioned", parts)
    found = shown(folder, whole)

    assert (found["count"], len(found["parts"])) == (50_000, 100)
    with pytest.raises(UsageError, match="there is none at 50000"):
        shown(folder, whole, 50_000)


@pytest.mark.parametrize(
    "uri", ["/etc/passwd", "../../../../secret", "../r/../../../../secret", "link"]
)
def test_what_lies_outside_the_store_is_not_read(folder, uri, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (Path(folder.uri) / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(StorageError, match="and is not read"):
        shown(folder, Artifact(uri, "0" * 64, 6, SerializerSpec("text")))


def test_another_bucket_is_not_read(home):
    from dagger_providers.airflow.plugin.stores import Folder

    folder = Folder("memory://bucket/store", "airflow/d/r")

    for uri in ("memory://other/x", "../../../../other/x", "file:///etc/passwd"):
        with pytest.raises(StorageError, match="and is not read"):
            folder.read_range(uri, 0, 10)


def test_a_store_far_away_is_read_in_pieces(home, monkeypatch):
    import fsspec

    from dagger_providers.airflow.plugin.stores import Folder

    folder = Folder("memory://bucket/store", "airflow/d/r")
    fsspec.filesystem("memory").pipe_file("/bucket/store/runs/airflow/d/r/v", b"0123456789" * 1000)
    with folder.open_read("v", 10_000) as stream:
        stream.seek(-3, 2)
        assert stream.read() == b"789"
        stream.seek(5)
        assert stream.read(3) == b"567"
    assert folder.read_range("v", 9_998, 20_000) == b"89"


def test_what_a_cached_result_names_is_read(folder):
    other = Path(folder.uri).parent / "other"
    other.mkdir()
    (other / "v").write_text("kept")

    artifact = Artifact("../other/v", "0" * 64, 4, SerializerSpec("text"))
    assert shown(folder, artifact)["text"] == "kept"


def test_a_record_too_long_is_refused(folder, monkeypatch):
    with (Path(folder.uri) / "commit.json").open("wb") as stream:
        stream.truncate(33 << 20)

    with pytest.raises(StorageError, match="longer than 32 MB"):
        folder.read_bytes("commit.json")


def test_a_slow_store_is_given_up(folder):
    artifact = put(folder, b"x", "text")
    folder.budget.until = 0

    with pytest.raises(StorageError, match="took more than 10 s"):
        shown(folder, artifact)


def test_a_selector_that_is_pickled_is_not_read(home, folder):
    from dagger_providers.airflow.plugin.lineage import resolver_of
    from dagger_providers.planning.outline import Outline

    resolver = resolver_of(Outline(""), folder, {})

    with pytest.raises(StorageError, match="written as pickle, which is not read here"):
        resolver.serializer(SerializerSpec("pickle"), partitioned=False)


def test_runs_that_cannot_be_read_whole_are_not_called_equal_or_different(folder):
    from dagger_providers.airflow.plugin.comparison import Side, comparison
    from dagger_providers.airflow.plugin.stores import Budget, Folder
    from dagger_providers.card import Card, Stage
    from dagger_providers.planning.outline import Outline
    from dagger_providers.storage import CommitRecord, open_store, write_commit

    outline = Outline("p", stages=(Stage((), (Card("n", function="m:f"),)),))
    artifact = Artifact("v", "1" * 64, 1, SerializerSpec("json"))
    record = CommitRecord("n", (), "a", {"x": artifact})
    write_commit(open_store(folder.uri), "nodes/n", record)

    def verdict(other):
        sides = [Side(outline, one, {}, {}, {}) for one in (folder, other)]
        return comparison(*sides)["nodes"][0]["verdict"]

    assert verdict(folder) == "equal"
    assert verdict(Folder(folder.root, folder.run_id, Budget(until=0))) == "unknown"
    assert verdict(Folder(folder.root, "airflow/d/none")) == "unknown"
    assert verdict(None) == "unknown"


def test_an_artifact_is_told_and_not_read(folder, tmp_path):
    from dagger_providers.airflow.plugin.lineage import inputs_of, resolver_of
    from dagger_providers.card import Axis, Card, Item, Stored
    from dagger_providers.planning.outline import Outline

    place = tmp_path / "rows.json"
    place.write_text("[1]")
    known = Stored("s3://b/rows.json", "1" * 64, SerializerSpec("json"), path=())
    unknown = Stored(str(place), "", SerializerSpec("json"))
    axes = {"xs": Axis(unknown)}
    inputs = {"known": known, "unknown": unknown, "item": Item("xs")}
    card = Card("n", within=("xs",), axes=axes, inputs=inputs)

    told = inputs_of(card, (0,), resolver_of(Outline("", axes=axes), folder, {}))

    assert [(one["from"], one["sha256"], one["problem"]) for one in told] == [
        ("artifact s3://b/rows.json", "1" * 64, ""),
        (f"artifact {place}", "", f"artifact {place} is not read here, and has no sha256"),
        (
            f"an item of artifact {place}",
            "",
            f"it depends on artifact {place}, which is not read here",
        ),
    ]
