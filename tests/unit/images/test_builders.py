"""Building and pushing, by programs that stand in for docker, podman and buildah."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from dagger_providers.dsl.find import find_pipeline
from dagger_providers.errors import ImageError, UsageError, exit_status
from dagger_providers.images import Recipe, build, recipe
from dagger_providers.images.builders import find_builder

DIGEST = f"sha256:{'0a' * 32}"

BUILDER = """#!/bin/sh
PATH=/usr/bin:/bin
echo "$0 $*" >> {folder}/calls
case $1 in
version | info) {answer} ;;
build)
    while [ $# -gt 1 ]; do
        case $1 in
        --iidfile) echo {identity} > $2 ;;
        --file) cp $2 {folder}/Dockerfile ;;
        esac
        shift
    done
    cp -R $1 {folder}/context
    echo "Step 1/1 : all of it"
    {end}
    ;;
push)
    [ $2 = --digestfile ] && printf {digest} > $3
    echo "latest: digest: {digest} size: 1" ;;
esac
"""

FLOW = """
from dagger_providers import dag, task


@task
def one(x: int) -> int:
    return x


@dag
def flow(x: int = 1):
    return one(x)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a builder on the path, on which nothing else of that kind is."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(name: str, *, answer: str = "echo 1.0", end: str = "", identity: str = "00ff") -> None:
        values = {"answer": answer, "end": end, "identity": identity}
        text = BUILDER.format(folder=tmp_path, digest=DIGEST, **values)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    return put


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    (tmp_path / "code").mkdir()
    monkeypatch.chdir(tmp_path / "code")
    Path("built_flow.py").write_text(FLOW)
    return recipe(find_pipeline("built_flow.py"))


def calls(folder: Path) -> list[str]:
    lines = (folder / "calls").read_text().splitlines()
    return [line.removeprefix(f"{folder}/") for line in lines]


def test_the_first_that_answers_builds(install: Callable[..., None]) -> None:
    install("docker", answer="echo no daemon >&2; exit 1")
    install("podman")
    install("buildah")

    assert find_builder() == "podman"
    assert find_builder("buildah") == "buildah"


def test_where_nothing_builds_images(install: Callable[..., None]) -> None:
    install("docker", answer="echo Cannot connect to the daemon >&2; exit 1")

    with pytest.raises(UsageError) as caught:
        find_builder()

    assert str(caught.value) == (
        "no image can be built: docker does not answer (Cannot connect to the daemon); podman is "
        "not installed; buildah is not installed; -f FILE writes only the Dockerfile"
    )


def test_a_build_gets_the_code_and_nothing_else(
    install: Callable[..., None], made: Recipe, tmp_path: Path
) -> None:
    install("docker")
    Path("secrets.txt").write_text("not for an image")
    log = io.StringIO()

    built = build(made, "flow:1", builder="docker", options=["--network=host"], log=log)

    assert (built.name, built.identity, built.digest) == ("flow:1", "sha256:00ff", "")
    assert log.getvalue() == "Step 1/1 : all of it\n"
    assert {file.name for file in (tmp_path / "context").iterdir()} == {
        "built_flow.py",
        made.package.wheel,
    }
    assert "COPY built_flow.py /app/" in (tmp_path / "Dockerfile").read_text()
    [call] = calls(tmp_path)
    assert " --tag flow:1 " in call
    assert " --network=host /" in call


def test_buildah_is_told_to_keep_layers_as_the_others_do(
    install: Callable[..., None], made: Recipe, tmp_path: Path
) -> None:
    install("buildah")

    build(made, "flow:1")

    [_, call] = calls(tmp_path)
    assert call.startswith("buildah build ")
    assert " --layers " in call


@pytest.mark.parametrize("builder", ["docker", "podman", "buildah"])
def test_a_push_tells_the_digest(
    builder: str, install: Callable[..., None], made: Recipe, tmp_path: Path
) -> None:
    install(builder)

    built = build(made, "registry/flow:1", builder=builder, push=True)

    assert built.digest == DIGEST
    pushed = calls(tmp_path)[-1]
    assert pushed.startswith(f"{builder} push ")
    assert pushed.endswith(" registry/flow:1")


def test_a_build_that_fails_is_told_in_one_line(install: Callable[..., None], made: Recipe) -> None:
    install("docker", end="echo; echo no such package >&2; exit 3")

    with pytest.raises(ImageError) as caught:
        build(made, "flow:1", builder="docker")

    said = "docker build ended with 3: Step 1/1 : all of it | no such package"
    assert str(caught.value) == said
    assert exit_status(caught.value) == 1
