"""No command writes over the files that a pipeline comes from."""

import json
import sys
from pathlib import Path

import pytest

from dagger_providers.cli import main

WRITTEN = ("--store", "s3://b/r", "--image", "i")


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("compile", "own_flow.py", "--to", "airflow", "-o", "own_flow.py"), "own_flow.py"),
        (("compile", "own_flow.py", "--to", "airflow", "-o", "own_steps.py"), "own_steps.py"),
        (("compile", "own_flow.py", "--to", "kfp", "-o", "own_steps.py", *WRITTEN), "own_steps.py"),
        (("compile", "own_flow.py", "--to", "argo", "-o", "own_flow.py", *WRITTEN), "own_flow.py"),
        (
            ("compile", "own_steps.py:one", "--to", "kfp-component", "-o", "own_steps.py"),
            "own_steps.py",
        ),
        (
            ("compile", "own_flow.py", "--to", "kfp-component", "-o", "own_flow.py", *WRITTEN),
            "own_flow.py",
        ),
        (("compile", "own.json", "--to", "airflow", "-o", "own.py"), "own.json"),
        (("compile", "own.json", "--to", "argo", "-o", "own.json", *WRITTEN), "own.json"),
        (("image", "own_flow.py", "-f", "own_steps.py"), "own_steps.py"),
        (("image", "own.json", "-f", "own.json"), "own.json"),
    ],
)
def test_no_command_writes_over_what_a_pipeline_comes_from(capsys, flow_of_two_files, words, file):
    before = {one.name: one.read_bytes() for one in flow_of_two_files.iterdir()}

    assert main(list(words)) == 2

    told = capsys.readouterr().err
    assert told == (
        f"dagger-providers: error: {file} is a file that the pipeline comes from, and would be "
        "overwritten; name another one to write\n"
    )
    after = {one.name: one.read_bytes() for one in flow_of_two_files.iterdir() if one.is_file()}
    assert after == before


def test_what_was_compiled_is_compiled_again(capsys, flow_of_two_files):
    for _ in "12":
        assert main(["compile", "own_flow.py", "--to", "airflow", "-o", "made.py"]) == 0


@pytest.fixture
def flow_of_two_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("own_flow", "own_steps"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    Path("own_steps.py").write_text(
        "from dagger_providers import task\n\n\n@task\ndef one() -> int:\n    return 1\n"
    )
    Path("own_flow.py").write_text(
        "from own_steps import one\n\nfrom dagger_providers import dag\n\n\n"
        "@dag\ndef own_flow():\n    return one()\n"
    )
    Path("own.json").write_text(
        json.dumps(
            {
                "format": "dagger-providers.dag/1",
                "nodes": {"one": {"function": "own_steps.py:one"}},
                "outputs": {"return_value": {"node": "one"}},
            }
        )
    )
    return tmp_path
