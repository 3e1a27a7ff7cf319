"""The command that makes images."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagger_providers.cli import main

FLOW = """
from dagger_providers import dag, task

print("printed by the code")


@task
def one(x: int) -> int:
    return x


@dag
def first(x: int = 1):
    return one(x)


@dag
def second(x: int = 1):
    return one(one(x))
"""

DOCKER = """#!/bin/sh
PATH=/usr/bin:/bin
case $1 in
version) echo 20.10 ;;
build)
    while [ $# -gt 1 ]; do
        case $1 in
        --iidfile) echo sha256:00ff > $2 ;;
        esac
        shift
    done
    echo "Step 1/1"
    ;;
esac
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def docker(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/docker").write_text(DOCKER)
    (tmp_path / "bin/docker").chmod(0o755)


def test_only_the_dockerfile_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    Path("printing_flow.py").write_text(FLOW)

    assert main(["image", "printing_flow.py:second", "--print"]) == 0

    told = capfd.readouterr()
    assert told.out.startswith("# By dagger-providers ")
    assert told.out.endswith("COPY printing_flow.py /app/\n")
    assert told.err == "printed by the code\n"


def test_a_dockerfile_is_written_and_what_is_next_is_told(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Path("code").mkdir()
    Path("code/writing_flow.py").write_text(FLOW)

    assert main(["image", "code", "-f", "Dockerfile", "--tag", "flow:1"]) == 0

    told = capfd.readouterr()
    assert told.out == "image: wrote Dockerfile\n"
    assert Path("Dockerfile").read_text().endswith("COPY writing_flow.py /app/\n")
    [wheel] = Path("code").glob("dagger_providers-*.whl")
    assert told.err.splitlines() == [
        "printed by the code",
        f"image: wrote {wheel.resolve()}, which the Dockerfile copies",
        "image: next: docker build -f Dockerfile -t flow:1 code",
    ]


def test_a_dockerfile_in_a_package_is_written_again(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("packaged").mkdir()
    Path("packaged/__init__.py").touch()
    Path("packaged/flow.py").write_text(FLOW)
    Path("packaged/unused.py").touch()
    monkeypatch.syspath_prepend(str(Path.cwd()))
    words = ["image", "packaged.flow:second", "-f"]

    assert [main([*words, "packaged/Dockerfile"]) for _ in range(2)] == [0, 0]
    for module in ("flow", "unused"):
        assert main([*words, f"packaged/{module}.py"]) == 2
        assert "is a file that the pipeline comes from" in capfd.readouterr().err


@pytest.mark.usefixtures("docker")
def test_what_is_built_is_named_by_its_content(capfd: pytest.CaptureFixture[str]) -> None:
    names = []
    for text in (FLOW, FLOW, f"{FLOW}\n# changed"):
        Path("named_flow.py").write_text(text)
        assert main(["image", "named_flow.py:second"]) == 0
        told = capfd.readouterr()
        names.append(told.out)
        said = told.err.splitlines()
        assert "Step 1/1" in said
        assert "image: id: sha256:00ff" in said
        name = told.out.strip()
        assert said[-1] == (
            "image: next: dagger-providers compile named_flow.py:second --to kfp -o FILE "
            f"--image {name} --store URI"
        )

    assert names[0] == names[1] != names[2]
    assert all(name.startswith("second:") for name in names)


@pytest.mark.usefixtures("docker")
@pytest.mark.parametrize(
    ("tag", "name"), [("r.example:5000/a", "r.example:5000/a:"), ("a:1", "a:1\n")]
)
def test_a_name_may_lack_the_tag(tag: str, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("tagged_flow.py").write_text(FLOW)

    assert main(["image", "tagged_flow.py", "--tag", tag]) == 0

    assert capfd.readouterr().out.startswith(name)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wrong_flow.py"], "no image can be built: docker is not installed; podman is not "),
        (["wrong_flow.py", "--push"], "--push needs --tag, whose name begins with the registry"),
        (["wrong_flow.py", "--push", "--print"], "--push is for an image that is built"),
        (["wrong_flow.py", "--build-with", "make"], "--build-with takes docker, podman, buildah"),
        (["nowhere"], "no module named 'nowhere'"),
        (["."], "no file in the folder . has a pipeline"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if words != ["."]:
        Path("wrong_flow.py").write_text(FLOW)

    assert main(["image", *words]) == 2

    told = capfd.readouterr()
    assert told.out == ""
    lines = [line for line in told.err.splitlines() if line != "printed by the code"]
    assert len(lines) == 1
    assert lines[0].startswith(f"dagger-providers: error: {said}")
