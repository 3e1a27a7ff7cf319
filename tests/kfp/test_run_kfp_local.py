"""The command `run` by KFP's local engine."""

import json
from pathlib import Path

import pytest

from dagger_providers.cli import main

pytestmark = pytest.mark.kfp

FLOWS = Path(__file__).with_name("kfp_flows.py")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")


def ran(flow, *options):
    return main(["run", f"{FLOWS}:{flow}", *options])


def document(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_values_are_those_of_a_local_run(capsys, tmp_path):
    options = ["-p", "source=s", "-p", "n=2", "--json"]
    assert ran("mapped", *options) == 0
    here = document(capsys)
    assert ran("mapped", *options, "--runtime", "kfp-local", "--run-id", "it's one") == 0
    there = document(capsys)

    for name, output in here["outputs"].items():
        assert (output["value"], output["sha256"]) == (
            there["outputs"][name]["value"],
            there["outputs"][name]["sha256"],
        )
    assert there["record"] == f"{tmp_path}/.dagger/runs/it's one/run.json"

    assert main(["runs", "show", "it's one"]) == 0
    record = document(capsys)
    assert (record["runtime"], record["status"]) == ("kfp-local", "succeeded")
    assert {name: node["done"] for name, node in record["nodes"].items()} == {
        "names": 1,
        "clean": 2,
        "fit": 2,
        "best": 1,
    }

    assert ran("mapped", *options, "--runtime", "kfp-local", "--run-id", "it's one") == 2
    assert 'there is a run "it\'s one"' in capsys.readouterr().err


@pytest.mark.slow
def test_a_failure_is_told_as_by_a_local_run(capsys):
    options = ["-p", 'words=["a", "b", "c"]', "-p", "bad=b"]

    assert ran("failing", *options, "--runtime", "kfp-local") == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert "] fail-at: 1/3 done" in told.err
    assert "ValueError: no b today\n" in told.err
    assert "fail-at[1] failed: ValueError: no b today; record: " in told.err.splitlines()[-1]


@pytest.mark.slow
def test_without_a_docker_engine_an_image_is_not_used_and_that_is_told(capsys, caplog):
    assert ran("linear", "--runtime", "kfp-local", "--image", "flows:1", "-q") == 0

    assert "containers are processes here" in caplog.text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--runtime", "kfp"], "--runtime takes local, kfp-local; got 'kfp'"),
        (["--runtime", "kfp-local", "--jobs", "2"], "leave out --jobs"),
        (["--runtime", "kfp-local", "--workers", "threads"], "leave out --workers"),
        (["--runtime", "kfp-local", "--no-cache"], "set DAGGER_CACHE=off"),
        (["--image", "flows:1"], "the runtime local runs no containers"),
        (["--runtime", "kfp-local", "-p", "m=1"], "has no parameter m"),
        (
            ["--runtime", "kfp-local", "-p", "words=[]", "-p", "how=it's"],
            "parameter 'how' chooses a branch and is \"it's\": the local engine of KFP's SDK does",
        ),
    ],
)
def test_misuse_is_told_in_one_line(options, told, capsys, tmp_path):
    assert ran("chosen" if "how=it's" in options else "linear", *options) == 2

    found = capsys.readouterr().err
    assert told in found
    assert len(found.splitlines()) == 1
    assert not list(tmp_path.iterdir())
