"""Artifacts: files of the user's own, read by a plain call and wherever a node runs."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from dagger_providers import FromArtifact, artifact, dag, read_document, task
from dagger_providers.dsl.documents import write_yaml
from dagger_providers.errors import (
    BuildError,
    CorruptValueError,
    DeserializationError,
    MissingValueError,
    ModelError,
    RunFailed,
    UsageError,
)
from dagger_providers.model import dumps, from_json, to_json
from dagger_providers.planning import plan
from dagger_providers.planning.capabilities import live_steps
from dagger_providers.runtimes.local import run_dag
from unit.dsl import artifacts
from unit.dsl.artifacts import Limit

SHA = hashlib.sha256(b"[1, 2]").hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    artifacts.written(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# A plain call


@pytest.mark.parametrize(
    ("name", "content", "annotation", "value"),
    [
        ("a.json", b'{"b": [1, 2.0]}', None, {"b": [1, 2.0]}),
        ("a.json", b'{"name": "x", "at": 1}', Limit, Limit("x", 1.0)),
        ("a", b'[{"name": "x", "at": 1}]', list[Limit], [Limit("x", 1.0)]),
        ("a.txt", b"a\nb", None, "a\nb"),
        ("a.csv", b"a,b", str, "a,b"),
        ("a.json", b'"a"', str, "a"),
        ("A.JSON", b"1", None, 1),
        ("a.bin", b"\0\1", None, b"\0\1"),
        ("a.parquet", b"PAR", bytes, b"PAR"),
        ("a", b"[1]", list[int], [1]),
    ],
)
def test_what_a_file_gives(
    name: str, content: bytes, annotation: Any, value: Any, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)

    found = artifact(tmp_path / name, annotation)

    assert found == value
    assert type(found) is type(value)


def test_data_frames_are_of_the_library_that_is_asked_for(tmp_path: Path) -> None:
    rows = pd.DataFrame({"n": [1, 41]})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    rows.to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "rows").write_bytes((tmp_path / "rows.parquet").read_bytes())

    assert artifact(tmp_path / "rows.csv").equals(rows)
    assert artifact(tmp_path / "rows.parquet").equals(rows)
    assert artifact(tmp_path / "rows", pd.DataFrame).equals(rows)
    for name in ("rows.csv", "rows.parquet"):
        assert artifact(tmp_path / name, pl.DataFrame).equals(pl.DataFrame({"n": [1, 41]}))


def test_a_folder_is_given_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.html").write_text("a")

    assert (artifact(tmp_path / "site", Path) / "a.html").read_text() == "a"


@pytest.mark.parametrize("sha256", [SHA, SHA.upper(), f"sha256:{SHA}"])
def test_the_checksum_that_is_expected(sha256: str, folder: Path) -> None:
    assert artifact("here.json", sha256=sha256) == [1, 2]


def test_another_file_than_is_meant(folder: Path) -> None:
    (folder / "here.json").write_text("[1, 3]")

    with pytest.raises(CorruptValueError, match=r"here.json .* is another file than is meant"):
        artifact("here.json", sha256=SHA)


def test_a_pickle_that_is_known(tmp_path: Path) -> None:
    content = pickle.dumps({1, 2})
    (tmp_path / "model.pkl").write_bytes(content)

    sha256 = hashlib.sha256(content).hexdigest()
    assert artifact(tmp_path / "model.pkl", set, sha256=sha256) == {1, 2}
    with pytest.raises(CorruptValueError):
        artifact(tmp_path / "model.pkl", sha256=SHA)


def test_what_is_not_there_or_not_to_be_read(folder: Path) -> None:
    with pytest.raises(MissingValueError, match=r"nothing at .*/absent\.json"):
        artifact("absent.json")
    with pytest.raises(DeserializationError, match=r"limits\.json: .*at"):
        artifact("limits.json", Limit)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: artifact(3), "expected a path or URI, got 3"),
        (lambda: artifact(""), "the path or URI of a file, not at ''"),
        (lambda: artifact("s3://me:secret@b/a.json"), "'s3://...@b/a.json': its URI holds a user"),
        (lambda: artifact("a"), "nothing says how it is written: its name ends in none of .json, "),
        (lambda: artifact("a.json", sha256="12"), "sha256 is 64 hex digits"),
        (lambda: artifact("a.pickle"), "is a pickle, and reading one runs the code in it: give"),
        (lambda: artifact("a", serializer="pickle"), "is a pickle"),
        (lambda: artifact("a", serializer="xml"), "unknown serializer 'xml'; known: bytes"),
        (lambda: artifact("a", serializer=3), "expected a serializer's name or mapping, got 3"),
        (lambda: artifact("a.csv", dict), "is csv by its name, which gives no dict"),
        (lambda: artifact("a.json", pd.DataFrame), "is json by its name, which gives no DataFrame"),
        (lambda: artifact("a", type), "there is no serializer for type"),
        (lambda: artifact("a", dict[str, Limit]), "has no name by which each process finds it"),
        (lambda: artifact("a", pd.DataFrame, serializer="json"), "no JSON form"),
    ],
)
def test_what_is_refused_before_it_is_read(make: Any, said: str) -> None:
    with pytest.raises(BuildError) as refused:
        make()
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_user_without_a_password_is_no_secret() -> None:
    found = FromArtifact("abfs://container@account.dfs.core.windows.net/a:b@c.json")
    assert found.uri.startswith("abfs://container@")


# A build


def test_a_build_reads_nothing(tmp_path: Path) -> None:
    @dag
    def absent():
        return artifacts.show(artifact(tmp_path / "absent.json", sha256=SHA))

    source = absent.build().nodes["show"].inputs["value"]
    assert source == FromArtifact(str(tmp_path / "absent.json"), sha256=SHA)
    assert source.serializer.name == "json"
    with pytest.raises(RunFailed) as failed:
        absent.run(store=tmp_path / "store")
    assert failed.value.node == "show"
    assert f"nothing at {tmp_path}/absent.json" in str(failed.value)


WAYS = [
    pytest.param({}, id="inline"),
    pytest.param({"jobs": 2}, id="processes"),
    pytest.param({"workers": "command"}, id="command"),
]


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize(
    "pipeline",
    [
        artifacts.at_the_working_folder,
        artifacts.of_classes,
        artifacts.mapped,
        artifacts.hands_it_to_a_task,
    ],
    ids=lambda one: one.__name__,
)
def test_a_run_gives_what_the_plain_call_gives(
    pipeline: Any, options: dict[str, Any], folder: Path
) -> None:
    run = pipeline.run(store=folder / "store", **options)

    assert run.outputs["return_value"] == pipeline()


def test_a_loop_over_nothing(folder: Path) -> None:
    (folder / "xs.json").write_text("[]")

    assert artifacts.mapped.run(store=folder / "store").outputs["return_value"] == []


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        (artifacts.walks_a_frame, "which is one value: return a list of pieces of it"),
        (
            artifacts.plain_json_for_a_class,
            "takes Limit, but artifact 's3://b/limit.json' is dict | list | str | int | float | "
            "bool | None; say what it is: artifact('.../limit.json', Limit), if it is one",
        ),
        (artifacts.items_for_a_class, "takes Limit, but an item of artifact"),
        (artifacts.another_frame, "say what it is: artifact('.../rows.parquet', DataFrame)"),
        (artifacts.an_attribute_of_json, "it has no attribute 'by': write ['by'] for a key"),
        (artifacts.returns_it, "returns artifact 's3://b/rows.csv' as 'as_it_is', which no run"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_is_refused_when_it_is_built(pipeline: Any, said: str) -> None:
    with pytest.raises((BuildError, ModelError)) as refused:
        pipeline.build()
    assert said in str(refused.value)


def test_what_a_nested_pipeline_hands_on_is_not_returned() -> None:
    with pytest.raises(ModelError, match=r"returns artifact 's3://b/xs\.json'"):
        plan(artifacts.hands_it_on.build())


def test_annotations_that_agree() -> None:
    [source] = artifacts.the_frame_it_takes.build().nodes["summed"].inputs.values()
    assert source.serializer.to_json() == {"name": "csv", "options": {"frame": "polars"}}


QUESTIONS = {
    "truth": lambda x: 1 if x else 2,
    "comparison": lambda x: x == 1,
    "arithmetic": lambda x: x + 1,
    "length": len,
    "text": str,
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_what_only_a_value_can_do_is_refused(question: Any) -> None:
    @dag
    def asks():
        return artifacts.show(question(artifact("s3://b/xs.json")))

    with pytest.raises(BuildError, match=r"artifact 's3://b/xs.json'|has no value while"):
        asks.build()


def test_questions_that_python_asks_nobody_are_found() -> None:
    @dag
    def is_none():
        rows = artifact("s3://b/rows.csv")
        return artifacts.show(rows if rows is not None else 1)

    with pytest.raises(BuildError, match="an if expression looks at a result"):
        is_none.build()


def test_a_notebook_s_class_is_needed() -> None:
    class Local(Limit):
        pass

    @dag
    def live():
        return artifacts.show(artifact("s3://b/a.json", Local))

    assert list(live_steps(plan(live.build()))) == ["show"]


# Documents


DOCUMENTED = [
    artifacts.at_the_working_folder,
    artifacts.of_classes,
    artifacts.mapped,
    artifacts.the_frame_it_takes,
]


@pytest.mark.parametrize("pipeline", DOCUMENTED, ids=lambda one: one.__name__)
def test_a_document_gives_the_model_back(pipeline: Any, tmp_path: Path) -> None:
    model = pipeline.build()

    assert from_json(to_json(model)) == model
    for name, text in (("flow.yaml", write_yaml(model)), ("flow.json", dumps(model))):
        (tmp_path / name).write_text(text)
        assert dumps(read_document(str(tmp_path / name))) == dumps(model)


def document(folder: Path, source: str) -> str:
    text = f"""
format: dagger-providers.dag/1
nodes:
  length:
    function: unit.dsl.artifacts:length
    inputs: {{words: {source}}}
outputs: {{return_value: {{node: length}}}}
"""
    (folder / "flow.yaml").write_text(text)
    return str(folder / "flow.yaml")


def test_a_document_of_a_person(folder: Path) -> None:
    path = document(folder, f"{{artifact: here.json, sha256: {SHA}}}")

    assert run_dag(read_document(path), {}, store=folder / "s").outputs["return_value"] == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{artifact: here}", "nodes.length.inputs.words: artifact 'here': nothing says how"),
        (f"{{artifact: a.pkl, sha256: {SHA}}}", "is a pickle, and reading one runs the code in"),
        ("{artifact: a.json, sha265: 1}", "there is no 'sha265'; did you mean 'sha256'"),
        (
            "{artifact: a, serializer: {name: json, annotation: 'pathlib:Path'}}",
            "pathlib:Path is in no annotation of a task that the document runs",
        ),
    ],
)
def test_what_a_document_may_not_name(source: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((ModelError, UsageError)) as refused:
        read_document(document(tmp_path, source))
    assert said in str(refused.value)


def test_a_pickle_where_any_callable_is_allowed(folder: Path) -> None:
    content = pickle.dumps(["a"])
    (folder / "a.pkl").write_bytes(content)
    path = document(folder, f"{{artifact: a.pkl, sha256: {hashlib.sha256(content).hexdigest()}}}")

    model = read_document(path, any_callable=True)
    assert run_dag(model, {}, store=folder / "s").outputs["return_value"] == 1


def test_a_task_that_is_no_part_of_a_build_reads_at_once(folder: Path) -> None:
    @task
    def reads() -> list[int]:
        return artifact("here.json")

    assert reads() == [1, 2]
