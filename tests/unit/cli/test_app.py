"""The commands for people."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dagger_providers import __version__
from dagger_providers.cli import main
from dagger_providers.cli.commands import run
from dagger_providers.cli.launch import fix_hash_seed
from dagger_providers.model import dumps
from unit.cli import contract

REF = "unit.cli.contract:{}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_run_prints_outputs_and_where_the_record_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", REF.format("map_reduce"), "-p", "n=3", "--run-id", "r"]) == 0
    told = capsys.readouterr()
    assert told.out == "return_value = 9\n"
    assert told.err.splitlines()[-1] == f"record: {tmp_path}/.dagger/runs/r/run.json"
    assert "] triple: 3/3 done" in told.err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command has an example, names a REF as REF, and fits a terminal of 80 columns."""
    for command in COMMANDS:
        assert main([*command.split(), "--help"]) == 0
        told = capsys.readouterr().out
        assert "example" in told.lower(), command
        assert "{" not in told, command
        assert "..." not in told.replace("[ARGS]...", "").replace("REF...", ""), command
        assert max(map(len, told.splitlines())) <= 80, command
        if "REF" in told.splitlines()[0]:
            assert "FILE.py[:NAME] or module[:NAME]" in " ".join(told.split()), command


COMMANDS = (
    *("", "run", "run-node", "compile", "submit", "image", "check", "plan", "graph", "parity"),
    "schema",
    *("runs", "runs list", "runs show", "cache", "cache list", "cache remove"),
)


def test_the_help_names_what_goes_with_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert "--version" in told
    assert "--debug" in told


def test_no_command_at_all_gets_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert main([]) == 2
    assert capsys.readouterr() == (told, "")


def test_quiet_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", REF.format("map_reduce"), "--quiet"]) == 0
    told = capsys.readouterr()
    assert told.out == "return_value = 30\n"
    assert told.err.count("\n") == 1


def test_json_is_one_document(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", REF.format("by_key"), "--json", "--run-id", "r"]) == 0
    told = capfd.readouterr()
    assert told.err == ""
    document = json.loads(told.out)
    assert set(document) == {"run_id", "status", "outputs", "record"}
    assert (document["run_id"], document["status"]) == ("r", "succeeded")
    assert document["record"] == str(tmp_path / ".dagger/runs/r/run.json")
    outputs = document["outputs"]
    assert {name: output["value"] for name, output in outputs.items()} == {
        "a": 2, "b": -2, "parts": [0, 1],
    }  # fmt: skip
    assert (Path(outputs["parts"]["uri"]) / "1").read_text() == "1"
    assert len(outputs["a"]["sha256"]) == 64


def test_values_that_are_no_json_have_a_place(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", REF.format("nested"), "--json"]) == 0
    output = json.loads(capfd.readouterr().out)["outputs"]["return_value"]
    assert Path(output["uri"]).read_text() == "30"


def test_a_model_made_by_hand_and_its_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "by_hand.py").write_text(
        "from dagger_providers import DAG, FromParam, FromReturnValue, FromNodeOutput, Task\n"
        "def double(x): return 2 * x\n"
        "given = {'x': FromParam('x')}\n"
        "node = Task(double, inputs=given, outputs={'out': FromReturnValue()})\n"
        "hand = DAG({'double': node}, inputs={'x': FromParam()},\n"
        "           outputs={'out': FromNodeOutput('double', 'out')})\n"
    )
    assert main(["run", "by_hand.py", "-p", "x=4", "--quiet"]) == 0
    assert capsys.readouterr().out == "out = 8\n"
    (tmp_path / "flow.json").write_text(dumps(contract.map_reduce.build()))
    assert main(["run", "flow.json", "-p", "n=2", "--quiet"]) == 0
    assert capsys.readouterr().out == "return_value = 3\n"


def test_runs_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list"]) == 0
    assert capsys.readouterr().out == "no runs in .dagger\n"
    for run_id in ("one", "two"):
        main(["run", REF.format("map_reduce"), "--run-id", run_id, "--quiet"])
    capsys.readouterr()
    Path(".dagger/runs/foreign").mkdir()
    assert main(["runs", "list"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["started", "status", "pipeline", "run"]
    assert [row.split()[1:] for row in rows] == [
        ["succeeded", "map-reduce", "two"],
        ["succeeded", "map-reduce", "one"],
    ]
    assert main(["runs", "show", "one"]) == 0
    assert json.loads(capsys.readouterr().out)["run_id"] == "one"


def test_the_newest_run_is_the_one_that_started_last(capsys: pytest.CaptureFixture[str]) -> None:
    for run_id in ("z", "m", "a"):
        main(["run", REF.format("map_reduce"), "--quiet", "--run-id", run_id])
    capsys.readouterr()
    main(["runs", "list"])
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "run", "a", "m", "z",
    ]  # fmt: skip
    assert main(["runs", "show", "gone"]) == 2
    assert capsys.readouterr().err.endswith("no run 'gone' in .dagger; the newest: a, m, z\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", [["run", REF.format("map_reduce"), "-q"], ["runs", "list"]])
def test_a_result_that_cannot_be_printed_is_no_success(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = Path("/dev/full").open("w")  # noqa: SIM115 - closing it fails
    monkeypatch.setattr(sys, "stdout", out)
    assert main(command) == 3
    with pytest.raises(OSError, match="No space left"):
        out.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "dagger-providers: error: the standard output: No space left on device"
    assert len(lines) == 1


def test_a_reader_that_has_gone_wants_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, ours = os.pipe()
    os.close(theirs)
    out = os.fdopen(ours, "w")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["runs", "list"]) == 0
    with pytest.raises(BrokenPipeError):
        out.close()
    assert capsys.readouterr().err == ""


LOUD = """
import sys

from dagger_providers import dag, task

print("imported")


@task
def shout(n: int) -> int:
    print(f"out {n}")  # in one piece: threads mix those of a line
    print(f"err {n}", file=sys.stderr)
    if n == 2:
        raise ValueError("two is bad")
    return n


@task
def total(ns: list[int]) -> int:
    return sum(ns)


@dag
def loud(ns: list[int] = [0, 1]):
    return total([shout(n) for n in ns])
"""

WAYS = [
    [],
    ["--jobs", "2"],
    ["--jobs", "2", "--workers", "threads"],
    ["--workers", "command"],
]


def shell(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dagger_providers", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("ways", WAYS, ids=" ".join)
def test_what_user_code_prints_goes_to_the_standard_error(ways: list[str], tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    ended = shell("run", "loud.py", *ways)
    assert ended.stdout == "return_value = 1\n"
    for printed in ("imported", "out 0", "out 1", "err 0", "err 1"):  # threads mix their lines
        assert printed in ended.stderr
    assert json.loads(shell("run", "loud.py", "--json", *ways).stdout)["status"] == "succeeded"


@pytest.mark.parametrize(
    "command",
    ["graph loud.py -f json", "check loud.py -t local", "plan loud.py -t local"],
)
def test_what_an_import_prints_is_no_result(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    assert main(command.split()) == 0
    told = capfd.readouterr()
    assert "imported" not in told.out
    assert "imported\n" in told.err


@pytest.mark.parametrize("ways", WAYS, ids=" ".join)
def test_streams_that_are_closed_or_full(ways: list[str], tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    command = f'"{sys.executable}" -m dagger_providers run loud.py --quiet {" ".join(ways)}'
    for streams, status, says in (
        (">&- 2>&- <&-", 0, ""),
        (">/dev/full", 3, "error: the standard output: No space left on device"),
    ):
        ended = subprocess.run(
            ["/bin/sh", "-c", f"{command} {streams}"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ended.returncode, ended.stdout) == (status, "")
        assert says in ended.stderr.rpartition("dagger-providers: ")[2]


@pytest.mark.parametrize("ways", WAYS, ids=" ".join)
def test_a_failure_is_told_once(ways: list[str], tmp_path: Path) -> None:
    """As a traceback of the user's code, and in the last line with the place of the record."""
    (tmp_path / "loud.py").write_text(LOUD)
    ended = shell("run", "loud.py", "-p", "ns=[2]", "--run-id", "r", *ways)
    assert ended.returncode == 1
    assert ended.stdout == ""
    told = ended.stderr.splitlines()
    record = f"{tmp_path}/.dagger/runs/r/run.json"
    summary = f"shout[0] failed: ValueError: two is bad; record: {record}"
    assert told[-1] == f"dagger-providers: {summary}"
    assert [line for line in told if "two is bad" in line] == [
        '    raise ValueError("two is bad")',
        "ValueError: two is bad",
        told[-1],
    ]
    assert [line for line in told if line.startswith("  File")] == [
        f'  File "{tmp_path}/loud.py", line 14, in shout'
    ]
    assert sum("failed" in line for line in told) == 1


def test_what_else_failed_has_a_line(tmp_path: Path) -> None:
    hook = '\n\n@task\ndef hook(record: dict):\n    raise OSError("full")\n'
    code = LOUD.replace("\n\n@dag", f"{hook}\n\n@dag(on_exit=hook)")
    (tmp_path / "loud.py").write_text(code)
    ended = shell("run", "loud.py", "-p", "ns=[2]", "--quiet")
    *_, also, last = ended.stderr.splitlines()
    assert also == "dagger-providers: also on_exit failed: OSError: full"
    assert last.startswith("dagger-providers: shout[0] failed: ValueError: two is bad; record: ")


def test_a_failure_that_no_code_of_the_user_raised_has_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "keys.py").write_text(
        "from dagger_providers import dag, task\n\n@task\ndef make() -> dict:\n    return {}\n\n"
        "@dag\ndef keys():\n    return make()['gone']\n"
    )
    ended = shell("run", "keys.py", "--quiet")
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "'gone'" in ended.stderr


@pytest.mark.parametrize("how", ["yaml", "json"])
def test_a_document_leads_to_the_files_that_it_was_made_from(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "deep.py").write_text(DEEP)
    (tmp_path / "deep.py").write_text("another = 1\n")
    assert main(["graph", "lib/deep.py:deep", "--format", how]) == 0
    made = capsys.readouterr().out
    (tmp_path / f"made.{how}").write_text(made)
    for ways in ([], ["--jobs", "2"], ["--workers", "command"]):
        ended = shell("run", f"made.{how}", "--quiet", *ways)
        assert ended.stdout == "a = -1\nb = -1\n", ended.stderr
        assert "hooked" in ended.stderr
    assert main(["graph", f"made.{how}", "--format", how]) == 0
    assert capsys.readouterr().out == made


DEEP = """
from dataclasses import dataclass

from dagger_providers import dag, task


@dataclass
class Point:
    n: int


@task
def rescue(point: Point) -> int:
    return -1


@task(on_failure=rescue)
def fail(point: Point) -> int:
    raise ValueError("x")


@task
def make(n: int) -> Point:
    return Point(n)


@task
def hook(record: dict):
    print("hooked")


@dag
def inner(point: Point):
    return fail(point)


@dag(on_exit=hook)
def deep(n: int = 3, point: Point = Point(1)):
    return {"a": fail(make(n)), "b": inner(point)}
"""


@pytest.mark.parametrize("how", ["mermaid", "dot", "json"])
def test_pictures(how: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", REF.format("map_reduce"), "--format", how]) == 0
    drawn = capsys.readouterr().out
    assert all(name in drawn for name in ("numbers", "triple", "total"))


def test_svg_needs_graphviz(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shutil.which("dot")
    if found:
        assert main(["graph", REF.format("map_reduce"), "--format", "svg"]) == 0
        assert "<svg" in capsys.readouterr().out
    monkeypatch.setenv("PATH", "")
    assert main(["graph", REF.format("map_reduce"), "--format", "svg"]) == 2
    assert "--format svg needs Graphviz" in capsys.readouterr().err


def test_svg_is_what_graphviz_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\ntest $1 = -Tsvg && echo '<svg/>' && cat >&2\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert main(["graph", REF.format("map_reduce"), "--format", "svg"]) == 0
    assert capsys.readouterr().out == "<svg/>\n"
    fake.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    assert main(["graph", REF.format("map_reduce"), "--format", "svg"]) == 2
    assert "Graphviz failed: broken" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == 0
    assert capsys.readouterr().out == f"dagger-providers {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in ("run ", "run-node", "compile", "graph", "parity", "runs"))


SEED = """
import sys
from dagger_providers.cli import main
sys.exit(main())
"""
FLOW = """
import sys
from dagger_providers import dag, task

@task
def told(x: str) -> list[str]:
    return [x, str(hash("a")), *sys.argv]

@dag
def flow(x: str):
    return told(x)
"""


def test_the_command_starts_again_with_a_fixed_hash_seed(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    argument = "x= a 'b' \"c\" --debug\n*"
    given = ["run", "flow.py", "-p", argument, "--json", "--debug"]
    seen = []
    for seed in ("random", "5", "0"):
        ended = subprocess.run(
            [sys.executable, "-c", SEED, *given],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        seen.append(json.loads(ended.stdout)["outputs"]["return_value"]["value"])
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == argument.removeprefix("x=")
    assert seen[0][2:] == ["-c", *given]


def test_it_does_not_start_again_where_python_ignores_the_environment(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    command = [sys.executable, "-E", "-c", SEED, "run", "flow.py", "-p", "x=1", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(ended.stdout)["status"] == "succeeded"


def test_a_program_that_calls_main_is_not_started_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "fix_hash_seed", lambda: pytest.fail("it would start again"))
    assert main(["run", REF.format("map_reduce"), "--quiet"]) == 0


def test_nothing_to_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("started again"))
    fix_hash_seed()
