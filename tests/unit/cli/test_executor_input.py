"""The node command in a component of KFP: its executor input, its parameters, its output file."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import Card, ListOf, OutputCard, Parameter, Stored, dumps
from dagger_providers.cli import main
from dagger_providers.cli.executor_input import local_path
from dagger_providers.serializers import SerializerSpec

JSON = SerializerSpec("json")
TEXT = SerializerSpec("text")
STORED = Stored("", "", TEXT)


def say(n: int = 3, xs: list[int] | None = None, text: str = "none", parts: Any = ()) -> list[Any]:
    return [n, xs, text, list(parts)]


def quiet() -> None:
    sys.stdout.write("quiet ran\n")


def word() -> str:
    return "bare"


def large() -> int:
    return 2**53 + 1


def many() -> Any:
    yield from (1, 2)


def numbers() -> dict[str, Any]:
    return {"accuracy": 0.5, "name": "a", "curve": [1]}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def card(name: str, partitioned: bool = False, serializer: SerializerSpec = JSON) -> str:
    inputs = {
        "n": Parameter("n", JSON),
        "xs": Parameter("xs", JSON),
        "text": STORED,
        "parts": ListOf((STORED,)),
    }
    return dumps(
        Card(
            name,
            f"{__name__}:{name}",
            inputs=inputs if name == "say" else {},
            outputs={} if name == "quiet" else {"r": OutputCard((), serializer, partitioned)},
        )
    )


TAKE = ["int n", "[\"int\"] xs", "artifact text", "artifacts parts"]  # fmt: skip


def run(name: str, inputs: dict[str, Any], *arguments: str, **options: Any) -> int:
    given = json.dumps({"inputs": inputs, "outputs": options.pop("outputs", {})})
    made = card(name, **options)
    return main(["run-node", "--card", made, "--executor-input", given, *arguments])


def taken(inputs: dict[str, Any]) -> Any:
    take = [word for one in TAKE for word in ("--take", *one.split(" "))]
    assert run("say", inputs, *take, "--output", "r", "out") == 0
    return json.loads(Path("out").read_text())


def test_what_is_unset_is_the_functions_default() -> None:
    assert taken({}) == [3, None, "none", []]
    assert taken({"parameterValues": {"n": None}}) == [3, None, "none", []]


def test_parameters_are_what_they_were_before_they_were_doubles() -> None:
    found = taken({"parameterValues": {"n": 4.0, "xs": [1.0, 2.0]}})

    assert found == [4, [1, 2], "none", []]
    assert [type(x) for x in found[1]] == [int, int]


def test_artifacts_are_read_by_their_paths() -> None:
    for name in "abc":
        Path(name).write_text(name.upper())
    artifacts = {
        "text": {"artifacts": [{"uri": "a"}]},
        "parts": {"artifacts": [{"uri": "b"}, {"uri": "s3://b/c", "customPath": "c"}]},
    }

    assert taken({"artifacts": artifacts}) == [3, None, "A", ["B", "C"]]


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://b/x", "/gcs/b/x"),
        ("s3://b/x", "/s3/b/x"),
        ("minio://b/x", "/minio/b/x"),
        ("oci://r/x/y", "/oci/r_x_y/models"),
        ("/b/x", "/b/x"),
    ],
)
def test_where_kfp_puts_what_lies_at_a_uri(uri: str, path: str) -> None:
    assert local_path({"uri": uri}) == path


def test_a_number_that_is_not_whole_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = {"parameterValues": {"xs": [1.5]}}

    assert run("say", inputs, "--take", '["int"]', "xs", "--output", "r", "out") == 2
    assert "parameter 'xs' must be [\"int\"], got '[1.5]'" in capsys.readouterr().err


def test_kfps_output_file_tells_of_artifacts() -> None:
    slot = {"name": "projects/1", "uri": str(Path("made").absolute()), "metadata": {"a": 1}}
    outputs = {"artifacts": {"Result": {"artifacts": [slot]}}, "outputFile": "deep/told.json"}
    place = ["--output", "r", slot["uri"]]

    assert run("word", {}, *place, outputs=outputs) == 0
    (told,) = json.loads(Path("deep/told.json").read_text())["artifacts"]["Result"]["artifacts"]
    assert (told["name"], told["uri"]) == ("projects/1", slot["uri"])
    digest = sha256(b'"bare"').hexdigest()
    assert told["metadata"] == {"a": 1, "serializer": "json", "sha256": digest, "size": 6}


def test_metrics_are_metadata() -> None:
    slot = {"uri": "made", "type": {"schemaTitle": "system.Metrics"}}
    outputs = {"artifacts": {"Result": {"artifacts": [slot]}}, "outputFile": "x/told.json"}

    assert run("numbers", {}, "--output", "r", "made", outputs=outputs) == 0
    (told,) = json.loads(Path("x/told.json").read_text())["artifacts"]["Result"]["artifacts"]
    assert told["metadata"] == {"accuracy": 0.5, "name": "a"}


def test_a_task_without_outputs_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("quiet", {}) == 0
    assert capsys.readouterr().out == "quiet ran\n"
    assert list(Path().iterdir()) == []


def test_output_parameters_are_text_as_engines_read_it() -> None:
    assert run("word", {}, "--output-as", "str", "r", "out") == 0
    assert Path("out").read_text() == "bare"
    assert run("word", {}, "--output-as", "json", "r", "out") == 0
    assert Path("out").read_text() == '"bare"'


def test_a_stream_is_one_list_in_a_parameter() -> None:
    given = ["--output-as", '["int"]', "r", "out"]

    assert run("many", {}, *given, partitioned=True) == 0
    assert json.loads(Path("out").read_text()) == [1, 2]


def test_a_number_that_an_engine_would_round_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("large", {}, "--output-as", "int", "r", "out") == 1
    assert "beyond 2**53" in capsys.readouterr().err
    assert run("large", {}, "--output-as", "json", "r", "out") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--take", "int", "n"], "--take needs --executor-input"),
        (["--executor-input", "{"], "--executor-input is no JSON"),
        (["--executor-input", "[]"], "must be a JSON object"),
        (["--param-as", "itn", "n", "1"], "unknown kind 'itn'; there are: str, int"),
        (["--param-as", "int"], "--param-as takes 3 values"),
    ],
)
def test_misuse_is_told(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = card("word")

    assert main(["run-node", "--card", made, "--output", "r", "out", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_variables_are_set_before_the_code_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    monkeypatch.setenv("KEPT", "old")
    Path("seen.py").write_text(
        "import os, sys\n"
        "SEEN = [os.environ['NEW'], os.environ['KEPT'], sys.flags.hash_randomization]\n"
        "def tell():\n    return SEEN\n"
    )
    made = dumps(Card("tell", "seen.py:tell", outputs={"r": OutputCard((), JSON)}))
    given = ["--env", "NEW", "1", "--env", "KEPT", "2", "--env", "PYTHONHASHSEED", "0"]
    command = [sys.executable, "-m", "dagger_providers", "run-node", "--card", made]
    subprocess.run([*command, *given, "--output", "r", "out"], check=True)

    assert json.loads(Path("out").read_text()) == ["1", "old", 0]
