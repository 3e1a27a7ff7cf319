"""Bad input gets one clear line, the exit status of misuse, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dagger_providers.card import dumps
from dagger_providers.cli import main
from dagger_providers.errors import CyclicDependencyError
from dagger_providers.model import DAG, FromNodeOutput, FromReturnValue, Task
from dagger_providers.planning import plan
from faults.conftest import Command

FLOW = """
from collections.abc import Iterator

from dagger_providers import dag, task


@task(serializer="pickle")
def make(n: int) -> object:
    return {n}


@task
def count(made: object, label: str = "n") -> int:
    return len(made)


@dag
def flow(n: int, label: str = "n"):
    return count(make(n), label)
"""


@dataclass
class Place:
    folder: Path
    cards: dict[str, str]

    def node(self, name: str, *more: str, card: str = "") -> list[str]:
        text = card or self.cards[name]
        given = ["--store", str(self.folder), "--run-id", "r", "--param", "n", "2"]
        return ["run-node", "--card", text, *given, "--param", "label", '"n"', *more]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    (tmp_path / "flow.py").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    from dagger_providers.dsl.find import build_ref

    lowered = plan(build_ref("flow.py"))
    return Place(tmp_path, {name: dumps(step.card) for name, step in lowered.steps.items()})


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 2) -> str:
    """Run a command that must refuse; return the one line that it says."""
    assert main(list(arguments)) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert told.err.startswith("dagger-providers: error: ")
    assert "Traceback" not in told.err
    assert ".;" not in told.err
    return told.err


RUN = [
    (["run", "flow.py", "-p", "m=3"], "has no parameter m; its parameters: n, label"),
    (["run", "flow.py"], "needs parameter n; given: none"),
    (
        ["run", "flow.py", "-p", "n=many"],
        "parameter 'n': input should be a valid integer, unable to parse string as an integer, "
        "got 'many'",
    ),
    (["run", "flow.py", "-p", "n"], "-p takes NAME=VALUE, got 'n'"),
    (["run", "gone.py"], "no file 'gone.py'"),
    (["run", "gone_module"], "no module named 'gone_module'"),
    (["run", "flow.py:other"], "flow.py has no pipeline 'other'; it has: flow"),
    (["run", "gone.json"], "gone.json: it cannot be read: No such file or directory"),
    (["run", "gone.yaml"], "gone.yaml: it cannot be read: No such file or directory"),
    (
        ["check", "flow.py", "--target", "spark"],
        "no target 'spark'; there are: local, airflow, kfp",
    ),
    (["check"], "check needs REF (the pipeline: FILE.py[:NAME] or module[:NAME], "),
    (["plan", "flow.py"], "plan needs --target/-t NAME (the target: local, airflow, kfp, argo); "),
    (
        ["compile", "flow.py"],
        "needs --to TARGET (the target: airflow, argo or kfp; or kfp-component, for a pipeline",
    ),
    (
        ["compile", "flow.py", "--to", "argo", "-o", "f.yaml", "--dag-id", "x"],
        "--dag-id is for airflow; argo has no such thing",
    ),
    (
        ["compile", "flow.py:one", "--to", "kfp-component", "--store-conn-id", "x"],
        "--store-conn-id is for airflow; kfp has no such thing",
    ),
    (["compile", "flow.py", "-o"], "no value is given for -o/--output FILE (the file to write"),
    (["run", "flow.py", "-j", "0"], "--jobs takes a whole number, 1 or more; got '0'"),
    (["run", "flow.py", "--jobs", "two"], "--jobs takes a whole number, 1 or more; got 'two'"),
    (
        ["run", "flow.py", "-p", "n=1", "--workers", "magic"],
        "--workers takes processes, threads, command; got 'magic'",
    ),
    (["run", "flow.py", "-p", "n=1", "--run-id", "../up"], "'../up' is no name for a run"),
    (["run", "flow.py", "-p", "n=1", "-j", "2", "--store", "memory://x"], "memory:// lives in one"),
    (["run", "flow.py", "more"], "got unexpected extra argument"),
    (["run", "flow.py", "--zzz"], "run has no option --zzz; see dagger-providers run --help"),
    (["run", "flow.py", "--job", "2"], "run has no option --job; did you mean --jobs or --json; "),
    (["nope"], "no command 'nope'; there are: run, run-node, compile, image, check, plan, graph,"),
    (["rum", "flow.py"], "no command 'rum'; did you mean 'run'; see dagger-providers --help"),
    (["runs"], "runs needs a command: list, show; see dagger-providers runs --help"),
    (["runs", "lst"], "no command 'lst'; did you mean 'list'; see dagger-providers runs --help"),
    (["cache", "drop"], "no command 'drop'; there are: list, remove; see dagger-providers cache"),
    (["runs", "show", "gone"], "no run 'gone' in .dagger"),
    (
        ["graph", "flow.py", "--format", "png"],
        "--format takes mermaid, dot, svg, yaml, json; got 'png'",
    ),
]


@pytest.mark.parametrize(("arguments", "says"), RUN, ids=[" ".join(a) for a, _ in RUN])
@pytest.mark.usefixtures("place")
def test_a_command_for_people_refuses(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, *arguments)


NODE = [
    ([], "run-node --card needs --store"),
    (["--nope"], "unknown option --nope; there are: --allow-any-callable, --card, --card-file"),
    (["--nod-name", "x"], "unknown option --nod-name; did you mean --node-name"),
    (["flow.py", "--card", "{}"], "run-node takes either --card, --card-file or a REF"),
    (["--store"], "--store takes 1 value"),
    (["--input", "x"], "--input takes 2 values"),
    (["flow.py", "--store", "s"], "--store and --run-id go together"),
    (["flow.py", "--lifeline", "x"], "--lifeline takes the number of an open file, not 'x'"),
    (["flow.py", "--node-name", "gone"], "no node 'gone' in pipeline 'flow'; it has: make, count"),
    (["flow.py", "--node-name", "make.x"], "'make' is a task: it has no node 'x'"),
    (
        ["flow.py", "--node-name", "make"],
        "needs --input n LOCATION, --output return_value LOCATION",
    ),
    (["flow.py", "--input", "x", "f"], "pipeline 'flow' has no input 'x'; it has: n, label"),
    (["flow.py", "--output", "x", "f"], "pipeline 'flow' has no output 'x'; it has: return_value"),
    (["flow.py", "--input", "n", "gone.json"], "nothing at "),
    (["flow.py", "--param", "n", "{"], "--param n takes JSON"),
    (["--card", "{"], "the card is no JSON"),
    (["--card", "[]"], "the card must be a JSON object"),
    (["--card", '{"format": "dagger-providers.card/1"}'], "no 'address'"),
    (["--card", '{"format": "dagger-providers.card/2"}'], "upgrade dagger-providers"),
    (["--card", '{"format": "other/1"}'], "expected format dagger-providers.card/1"),
    (["--card-file", "gone.json"], "nothing at "),
    (["--param-as", "int", "n", "3.5"], "parameter 'n' must be int, got '3.5'"),
    (["--param-as", "number", "n", "3"], "unknown kind 'number'"),
    (["--params-file", "gone.json"], "nothing at "),
    (["--params-file", "flow.py"], "is no JSON"),
]


@pytest.mark.usefixtures("place")
def test_a_lifeline_that_is_no_open_file_is_no_failure_of_the_code() -> None:
    command = [sys.executable, "-m", "dagger_providers", "run-node", "flow.py", "--lifeline", "99"]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, start_new_session=True
    )

    assert ended.returncode == 2
    assert ended.stderr == "dagger-providers: error: --lifeline 99: Bad file descriptor\n"


@pytest.mark.parametrize(("arguments", "says"), NODE, ids=[" ".join(a)[:50] for a, _ in NODE])
def test_the_node_command_refuses(
    arguments: list[str], says: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    by_card = "flow.py" not in arguments[:1]
    given = ["--store", "s", "--run-id", "r"] if by_card and "--store" not in arguments else []
    if by_card and not {"--card", "--card-file"} & set(arguments):
        given = [*given, "--card", place.cards["make"]]
    if not arguments:
        given = ["--card", place.cards["make"]]
    assert says in refused(capsys, "run-node", *given, *arguments)


def test_names_of_a_card_are_checked(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    says = "node 'make' has no input 'x'; it has: n"
    assert says in refused(capsys, *place.node("make", "--input", "x", "f"))
    says = "node 'make' has no output 'x'; it has: return_value"
    assert says in refused(capsys, *place.node("make", "--output", "x", "f"))
    says = "node 'make' has no location of an input 'n'"
    assert says in refused(capsys, *place.node("make", "--expect", "n", "sha256:0"))


def test_an_index_of_the_wrong_depth(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    says = "the index has 1 positions, the node runs in 0 loops"
    assert says in refused(capsys, *place.node("make", "--index", "3"))
    assert "'x' is no index" in refused(capsys, *place.node("make", "--index", "x"))


def test_other_code_than_the_manifest(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    card = json.loads(place.cards["make"])
    card["signature"] = "(n, m)"
    said = refused(capsys, *place.node("make", card=json.dumps(card)))
    assert "takes (n), the manifest says (n, m): the image holds other code" in said
    card["function"] = "flow.py:gone"
    said = refused(capsys, *place.node("make", card=json.dumps(card)))
    assert "has no function 'gone'" in said
    card["function"] = "gone.py:make"
    assert "no file 'gone.py'" in refused(capsys, *place.node("make", card=json.dumps(card)))


def test_a_node_that_has_not_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, *place.node("count"))
    assert "nothing is committed at" in said
    assert "(in node count)" in said


def test_a_missing_parameter(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--store", "s", "--run-id", "r", "--param", "m", "1"]
    said = refused(capsys, "run-node", "--card", place.cards["make"], *given)
    assert "parameter 'n' has no value; given: m" in said
    said = refused(capsys, "run-node", "--card", place.cards["make"], *given, "--param", "n", "x")
    assert "parameter 'n': expected JSON" in said


def test_a_corrupt_artifact(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(place.node("make")) == 0
    (written,) = place.folder.glob("runs/r/nodes/make/attempt-*/return_value.pickle")
    whole = written.read_bytes()
    written.write_bytes(whole[:-1])
    assert "was changed since it was written" in refused(capsys, *place.node("count"))
    written.unlink()
    assert f"nothing at {written}" in refused(capsys, *place.node("count"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda record: record.update(format="dagger-providers.commit/2"), "upgrade dagger-"),
        (lambda record: record.pop("outputs"), "is no commit record"),
        (lambda record: record["outputs"].pop("return_value"), "committed no output"),
    ],
)
def test_a_commit_record_of_another_kind(
    change: object, says: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(place.node("make")) == 0
    path = place.folder / "runs/r/nodes/make/commit.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    assert says in refused(capsys, *place.node("count"))


def test_a_pickle_is_read_only_where_card_and_record_both_name_it(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    card = json.loads(place.cards["make"])
    card["outputs"]["return_value"]["as"] = "json"
    assert main(place.node("count", "--input", "made", "x")) == 2
    capsys.readouterr()
    (place.folder / "runs/r/nodes/make").mkdir(parents=True)
    evil = {"uri": "x.pickle", "serializer": "pickle", "sha256": "0", "size": 1}
    record = {"format": "dagger-providers.commit/1", "node": "make", "index": [], "attempt": "1"}
    record["outputs"] = {"return_value": evil}
    (place.folder / "runs/r/nodes/make/commit.json").write_text(json.dumps(record))
    reader = json.loads(place.cards["count"])
    reader["inputs"]["made"]["as"] = "json"
    said = refused(capsys, *place.node("count", card=json.dumps(reader)))
    assert "wrote output 'return_value' as 'pickle', expected 'json'" in said


def test_a_pickle_at_a_location_needs_trust(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib
    import pickle

    data = pickle.dumps({1, 2, 3})
    (place.folder / "made.pickle").write_bytes(data)
    given = ["--input", "made", "made.pickle", "--output", "return_value", "n.json"]
    node = ["run-node", "flow.py", "--node-name", "count", *given]
    assert "input 'made' is a pickle" in refused(capsys, *node)
    assert main([*node, "--trust", "made"]) == 0
    assert (place.folder / "n.json").read_bytes() == b"3"
    digest = hashlib.sha256(data).hexdigest()
    assert main([*node, "--expect", "made", f"sha256:{digest}"]) == 0
    said = refused(capsys, *node, "--expect", "made", f"sha256:{'0' * 64}")
    assert "was changed since it was written" in said


def test_a_missing_extra(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "custom.py").write_text(
        "from dagger_providers.errors import MissingExtraError\n"
        "class Frames:\n"
        "    name, extension = 'custom:Frames', 'x'\n"
        "    def write(self, value, stream): raise MissingExtraError('a data frame', 'pandas')\n"
        "    def read(self, stream): raise MissingExtraError('a data frame', 'pandas')\n"
    )
    sys.path.insert(0, str(place.folder))
    card = json.loads(place.cards["make"])
    card["outputs"]["return_value"]["as"] = "custom:Frames"
    try:
        said = refused(capsys, *place.node("make", card=json.dumps(card)))
    finally:
        sys.path.remove(str(place.folder))
        sys.modules.pop("custom", None)
    assert "a data frame needs the extra 'pandas': pip install 'dagger-providers[pandas]'" in said


def test_a_cycle(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "cyclic.py").write_text(
        "from dagger_providers import DAG, FromNodeOutput, FromReturnValue, Task\n"
        "def f(x): return x\n"
        "def node(other):\n"
        "    given = {'x': FromNodeOutput(other, 'out')}\n"
        "    return Task(f, inputs=given, outputs={'out': FromReturnValue()})\n"
        "flow = DAG({'a': node('b'), 'b': node('a')})\n"
    )
    said = refused(capsys, "run", "cyclic.py")
    assert "a" in said
    assert "b" in said
    with pytest.raises(CyclicDependencyError):
        DAG(
            {
                "a": Task(
                    _same,
                    inputs={"x": FromNodeOutput("a", "out")},
                    outputs={"out": FromReturnValue()},
                )
            }
        )


def _same(x: int) -> int:
    return x


def test_documents_of_a_later_major(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "new.json").write_text('{"format": "dagger-providers.dag/2", "nodes": {}}')
    assert "upgrade dagger-providers" in refused(capsys, "run", "new.json")
    run = place.folder / ".dagger/runs/r"
    run.mkdir(parents=True)
    (run / "run.json").write_text('{"format": "dagger-providers.run/2"}')
    assert "upgrade dagger-providers" in refused(capsys, "runs", "show", "r")


@pytest.mark.parametrize(
    "command",
    [
        "run flow.py -p n=1 --store taken",
        "run flow.py -p n=1 --store taken/below",
        "run flow.py -p n=1 --jobs 2 --store taken",
        "runs list --store taken",
        "runs show r --store taken",
        "cache list --store taken",
        "cache remove flow --store taken",
        "run-node flow.py --node-name make --input n one --output return_value taken/out",
        "compile flow.py --to argo --image i --store s3://b/r -o taken/out",
    ],
)
def test_a_file_where_a_folder_should_be(
    command: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.folder / "taken").write_text("mine")
    (place.folder / "one").write_text("1")
    assert f"{place.folder}/taken is a file, and should be a folder" in refused(
        capsys, *command.split()
    )
    assert (place.folder / "taken").read_text() == "mine"


def test_a_device_is_never_replaced_by_a_manifest(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(place.folder / "pipe")
    where = ["--image", "i", "--store", "s3://b/r", "-o", "pipe"]
    said = refused(capsys, "compile", "flow.py", "--to", "argo", *where)
    assert "pipe is a device or pipe; name a file for the manifest" in said
    assert (place.folder / "pipe").is_fifo()


def test_a_folder_where_a_file_should_be(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "out").mkdir()
    where = ["--image", "i", "--store", "s3://b/r", "-o", "out"]
    said = refused(capsys, "compile", "flow.py", "--to", "argo", *where)
    assert f"{place.folder}/out is a folder, and should be a file" in said


def test_a_document_names_tasks_only(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    task = {"kind": "task", "function": "os:getcwd", "outputs": {}}
    document = {"format": "dagger-providers.dag/1", "kind": "dag", "nodes": {"a": task}}
    (place.folder / "evil.json").write_text(json.dumps(document))
    said = "evil.json: nodes.a.function: os:getcwd is no decorated task or pipeline; decorate it"
    assert said in refused(capsys, "run", "evil.json")


PLAIN = """
format: dagger-providers.dag/1
nodes:
  where: {function: "os.path:basename", inputs: {p: /a/b}}
outputs:
  where: {node: where}
"""


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "check",
        "graph",
        "plan --target local",
        "parity --on process",
        "compile --to kfp -o x",
    ],
)
def test_any_callable_is_named_only_where_that_is_allowed(
    command: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.folder / "flow.yaml").write_text(PLAIN)
    name, *options = command.split()
    options += ["--store", "s3://b/runs", "--image", "i"] if name == "compile" else []
    said = "flow.yaml: nodes.where.function: os.path:basename is no decorated task or pipeline"
    assert said in refused(capsys, name, "flow.yaml", *options)
    assert main([name, "flow.yaml", *options, "--allow-any-callable"]) == 0


@pytest.mark.kfp
@pytest.mark.airflow
@pytest.mark.slow
def test_engines_are_told_what_is_allowed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "flow.yaml").write_text(PLAIN)
    compare = ["parity", "flow.yaml", "--on", "airflow,kfp", "--allow-any-callable", "--json"]
    assert main(compare) == 0
    found = json.loads(capsys.readouterr().out)
    assert [cell["outputs"]["where"]["value"] for cell in found] == ["b", "b"]


def test_what_another_command_advises_is_an_option_of_run_node(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.folder / "flow.yaml").write_text(PLAIN)
    node = ["run-node", "flow.yaml", "--output", "where", "where.json"]
    assert "or allow it with --allow-any-callable" in refused(capsys, *node)
    assert main([*node, "--allow-any-callable"]) == 0
    assert (place.folder / "where.json").read_text() == '"b"'


DOCUMENTS = {
    "empty": ("", "a pipeline document is a mapping with 'format: dagger-providers.dag/1'; this "),
    "comment": ("# later\n", "this is empty"),
    "list": ("- a\n", "this is a list"),
    "deep": ("a: " + "[" * 10_000 + "]" * 10_000, "it is nested too deeply to be read"),
    "bomb": (
        "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(9)),
        "its aliases make more than 1000000 values of it",
    ),
    "digits": (f"a: {'1' * 5000}\n", "Exceeds the limit (4300 digits)"),
    "two": ("a: 1\n---\nb: 2\n", "line 2, column 1: expected a single document in the stream but"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_that_nobody_means(
    name: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    text, says = DOCUMENTS[name]
    (place.folder / "bad.yaml").write_text(text)
    said = refused(capsys, "check", "bad.yaml")
    assert said.startswith("dagger-providers: error: bad.yaml: ")
    assert says in said


def test_json_that_is_nested_too_deeply(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    assert "deep.json: it is nested too deeply to be read" in refused(capsys, "run", "deep.json")


def test_a_default_of_a_document_is_of_its_type(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "format: dagger-providers.dag/1\ninputs: {p: {type: integer, default: true}}\n"
    (place.folder / "flow.yaml").write_text(head + PLAIN.partition("\n")[2].partition("\n")[2])
    said = refused(capsys, "check", "flow.yaml", "--allow-any-callable")
    assert "flow.yaml: inputs.p: its default: expected int, got True; a bool" in said


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("true", "parameter 'n': expected int, got True; a bool (true, false) is no number"),
        ("many", "parameter 'n': input should be a valid integer"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [["run", "flow.py", "-p", "n={}"], ["run", "typed.yaml", "-p", "n={}"]],
    ids=["code", "document"],
)
def test_a_parameter_of_another_type(
    command: list[str], value: str, says: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.folder / "typed.yaml").write_text(
        "format: dagger-providers.dag/1\ninputs: {n: 2}\n"
        "nodes:\n  make: {function: 'flow.py:make', inputs: {n: {param: n}}}\n"
    )
    assert says in refused(capsys, *(word.format(value) for word in command))


@pytest.mark.parametrize("node", [[], ["--node-name", "make"]])
def test_a_parameter_of_another_type_for_the_node_command(
    node: list[str], place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--param", "n", "true", "--output", "return_value", "out"]
    said = refused(capsys, "run-node", "flow.py", *node, *given)
    assert "parameter 'n': expected int, got True" in said


def test_several_pipelines_and_none(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "two.py").write_text(f"{FLOW}\n\n@dag\ndef other():\n    return make(1)\n")
    assert "two.py has 2 pipelines; write two.py:flow or two.py:other\n" in refused(
        capsys, "run", "two.py"
    )
    (place.folder / "none.py").write_text("x = 1\n")
    assert "none.py has no pipeline: decorate a function with @dag\n" in refused(
        capsys, "run", "none.py"
    )


def test_yaml_that_is_none(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "flow.yaml").write_text("format: dagger-providers.dag/1\nnodes: [\n")
    said = "flow.yaml: line 3, column 1: expected the node content, but found '<stream end>'"
    assert said in refused(capsys, "run", "flow.yaml")


def test_json_on_stdout_also_when_nothing_can_be_run(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "flow.py", "--json"]) == 2
    told = capfd.readouterr()
    document = json.loads(told.out)
    assert document["status"] == "refused"
    assert document["failure"]["message"] in told.err


def test_a_shell_sees_the_same(command: Command, tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    for arguments in (
        ["run", "flow.py", "-p", "n=many"],
        ["run-node", "flow.py", "--node-name", "gone"],
        ["run", "flow.py", "--jobs", "none"],
    ):
        ended = command(*arguments)
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert ended.stderr.count("\n") == 1, ended.stderr
        assert ended.stderr.startswith("dagger-providers: error: ")


def test_debug_shows_our_traceback(command: Command, tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    for arguments in (["run", "flow.py"], ["run-node", "flow.py", "--node-name", "gone"]):
        ended = command(*arguments, "--debug")
        assert ended.returncode == 2
        assert "Traceback (most recent call last)" in ended.stderr
        assert ended.stderr.splitlines()[-1].startswith("dagger-providers: error: ")


BROKEN = [
    ("def f(:", "SyntaxError: invalid syntax (broken.py, line 1)"),
    ("import nosuchmod", "ModuleNotFoundError: No module named 'nosuchmod' (broken.py, line 1)"),
    ("\nraise RuntimeError('boom')", "RuntimeError: boom (broken.py, line 2)"),
    ("\0", "SyntaxError: source code string cannot contain null bytes"),
]


@pytest.mark.parametrize("command", [["check"], ["run"], ["run-node"]])
@pytest.mark.parametrize(("code", "says"), BROKEN)
def test_a_file_that_cannot_be_imported(
    code: str, says: str, command: list[str], place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.folder / "broken.py").write_text(code)
    assert main([*command, "broken.py"]) == 2
    told = f"dagger-providers: error: broken.py cannot be imported: {says}\n"
    assert capsys.readouterr().err == told


def test_a_pipeline_whose_own_code_raises(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    code = "from dagger_providers import dag\n\n@dag\ndef flow():\n    return nope()\n"
    (place.folder / "raises.py").write_text(code)
    assert main(["check", "raises.py"]) == 2
    told = "pipeline 'flow': NameError: name 'nope' is not defined (raises.py, line 5)\n"
    assert capsys.readouterr().err == f"dagger-providers: error: {told}"


@pytest.mark.parametrize("ref", ["", "."])
def test_a_ref_that_names_nothing(
    ref: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", ref]) == 2
    told = f"{ref!r} names no pipeline: write FILE.py[:NAME] or module[:NAME]\n"
    assert capsys.readouterr().err == f"dagger-providers: error: {told}"


@pytest.mark.parametrize("how", [[], ["--jobs", "2"], ["--workers", "command"]])
def test_a_file_of_the_same_name_is_not_the_one_that_was_named(
    how: list[str], command: Command, tmp_path: Path
) -> None:
    """The current folder's `jobs.py` once ran in place of the one that the REF named."""
    code = (
        "from dagger_providers import dag, task\n\n@task\ndef who() -> str:\n    return {!r}\n\n"
        "@dag\ndef flow():\n    return who()\n"
    )
    (tmp_path / "lib").mkdir()
    (tmp_path / "jobs.py").write_text(code.format("other"))
    (tmp_path / "lib" / "jobs.py").write_text(code.format("named"))
    assert "'named'" in command("run", "lib/jobs.py", *how).stdout
    assert "'other'" in command("run", "jobs.py", *how).stdout


@pytest.mark.parametrize("how", [[], ["--jobs", "2"], ["--workers", "command"]])
def test_a_file_below_imports_from_the_current_folder(
    how: list[str], command: Command, tmp_path: Path
) -> None:
    """As with `python -m`, also by the installed script; what lies beside the file comes first."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "shared_words.py").write_text("WORD = 'shared'\n")
    (tmp_path / "near_words.py").write_text("WORD = 'far'\n")
    (tmp_path / "lib" / "near_words.py").write_text("WORD = 'near'\n")
    (tmp_path / "lib" / "flow.py").write_text(
        "import near_words\nimport shared_words\n\nfrom dagger_providers import dag, task\n\n"
        "@task\ndef words() -> str:\n    return f'{shared_words.WORD} {near_words.WORD}'\n\n"
        "@dag\ndef flow():\n    return words()\n"
    )
    # As of a script, the folder of the interpreter's own start is no place of modules.
    ran = command("run", "lib/flow.py", *how, PYTHONSAFEPATH="1")
    assert "'shared near'" in ran.stdout, ran.stderr
