"""What goes into an image, and what its Dockerfile says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from dagger_providers import __version__
from dagger_providers.dsl.find import find_all
from dagger_providers.errors import UsageError
from dagger_providers.images import Recipe, dockerfile, recipe, write_context
from dagger_providers.images.code import Code
from dagger_providers.images.package import Package
from dagger_providers.images.requirements import Requirements

FLOW = """
{imports}
from dagger_providers import dag, task


@task
def one(x: int) -> int:
    return x


@dag
def flow(x: int = 1):
    return one(x)
"""

FRAMES = """
from collections.abc import Iterator

import pandas as pd
from dagger_providers import dag, task


@task
def rows(x: int) -> Iterator[pd.DataFrame]:
    yield pd.DataFrame({"x": [x]})


@task
def size(frame: pd.DataFrame) -> int:
    return len(frame)


@dag
def frames(x: int = 1):
    return [size(frame) for frame in rows(x)]
"""

WHOLE = """\
# By dagger-providers 1.2.3; whoever runs the image gives the command.
FROM python:3.13-slim

# Nobody's account, for a machine that wants a name for the number; it writes to /tmp.
RUN echo 'pipeline:x:65532:65532::/tmp:/bin/sh' >> /etc/passwd
ENV HOME=/tmp PYTHONHASHSEED=0 PYTHONPATH=/app PYTHONUNBUFFERED=1
WORKDIR /app
ENTRYPOINT []
CMD ["python", "-m", "dagger_providers", "--help"]

# What the code needs; another index comes by --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
COPY base.txt requirements.txt /opt/requirements/
RUN python -m pip install --disable-pip-version-check --no-cache-dir --root-user-action=ignore \\
    -r /opt/requirements/requirements.txt \\
    'dagger-providers[pandas,s3]==1.2.3'

# The code, which its user cannot change.
USER 65532:65532
COPY src/lib /app/lib
COPY src/flow.py src/other.py /app/
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def made(*refs: str, **options: object) -> Recipe:
    return recipe(*(one for ref in refs for one in find_all(ref)), **options)


def copied(text: str) -> list[str]:
    """What a Dockerfile copies, without the wheel of this package."""
    lines = [line for line in text.splitlines() if line.startswith("COPY ")]
    without = [re.sub(r' "?dagger_providers-[^ ]+\.whl"?,?', "", line) for line in lines]
    return [line for line in without if line != "COPY /opt/requirements/"]


def installed(text: str) -> list[str]:
    """What pip installs by a Dockerfile, without this package."""
    lines = [line.strip(" \\") for line in text.splitlines() if line.startswith("    ")]
    return [line for line in lines if "dagger_providers-" not in line]


def test_the_whole_text(tmp_path: Path) -> None:
    (tmp_path / "src/lib").mkdir(parents=True)
    for name in ("src/flow.py", "src/other.py"):
        (tmp_path / name).touch()
    places = {
        "lib": tmp_path / "src/lib",
        "flow.py": tmp_path / "src/flow.py",
        "other.py": tmp_path / "src/other.py",
    }
    files = (tmp_path / "requirements.txt", tmp_path / "base.txt")

    text = dockerfile(
        Recipe(
            "flow",
            "python:3.13-slim",
            Code(places, (tmp_path / "src",), ()),
            Requirements("requirements.txt", tmp_path, (), files),
            Package("1.2.3", ("pandas", "s3")),
        )
    )

    assert text == WHOLE


def test_a_file_and_the_modules_that_it_imports() -> None:
    write(
        {
            "file_flow.py": FLOW.format(imports="import file_near"),
            "file_near.py": "def far():\n    import file_far\n",
            "file_far.py": "",
            "file_unused.py": "",
        }
    )

    text = dockerfile(made("file_flow.py", base="base:1"))

    assert "FROM base:1\n" in text
    assert copied(text) == ["COPY file_far.py file_flow.py file_near.py /app/"]
    assert installed(text) == []


def test_the_base_has_the_python_that_runs_here() -> None:
    write({"base_flow.py": FLOW.format(imports="")})

    name = f"FROM python:{sys.version_info[0]}.{sys.version_info[1]}-slim\n"
    assert name in dockerfile(made("base_flow.py"))


def test_a_module_in_a_package_brings_all_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        {
            "src/shop/__init__.py": "",
            "src/shop/flows/__init__.py": "import shop_settings",
            "src/shop/flows/daily.py": FLOW.format(imports="from shop.tables import names"),
            "src/shop/tables.py": "names = []",
            "src/shop/query.sql": "select 1",
            "src/shop/.env": "SECRET=1",
            "src/shop/__pycache__/tables.cpython-311.pyc": "",
            "src/shop_settings.py": "",
            "src/another.py": "",
            "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["rich>=13; os_name"]',
        }
    )
    monkeypatch.syspath_prepend("src")

    found = made("shop.flows.daily")
    write_context(found, tmp_path / "context")

    assert copied(dockerfile(found)) == [
        "COPY src/shop /app/shop",
        "COPY src/shop_settings.py /app/",
    ]
    assert installed(dockerfile(found)) == ["'rich>=13; os_name'"]
    context = tmp_path / "context"
    files = {str(file.relative_to(context)) for file in context.rglob("*") if file.is_file()}
    assert files - {found.package.wheel} == {
        "src/shop/__init__.py",
        "src/shop/flows/__init__.py",
        "src/shop/flows/daily.py",
        "src/shop/query.sql",
        "src/shop/tables.py",
        "src/shop_settings.py",
    }


def test_folders_that_are_no_packages_bring_the_modules_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(
        {
            "loose/deep/flow.py": FLOW.format(imports="from loose import near"),
            "loose/near.py": "",
            "loose/unused.py": "",
        }
    )
    monkeypatch.syspath_prepend(".")

    assert copied(dockerfile(made("loose.deep.flow"))) == [
        "COPY loose/deep/flow.py /app/loose/deep/",
        "COPY loose/near.py /app/loose/",
    ]


def test_results_that_are_frames_bring_their_extra() -> None:
    write({"frames_flow.py": FRAMES})

    text = dockerfile(made("frames_flow.py", extras=["s3"]))

    assert installed(text) == [f"pandas=={version('pandas')}"]
    assert f"dagger_providers-{__version__}-py3-none-any.whl[pandas,s3]" in text


def test_requirements_with_the_code_come_before_what_it_imports() -> None:
    write(
        {
            "all/listed_flow.py": FLOW.format(imports="import yaml"),
            "all/requirements.txt": "-r more/base.txt  # ours\npyyaml\n-c https://example/c.txt\n",
            "all/more/base.txt": "tqdm\n",
        }
    )

    text = dockerfile(made("all/listed_flow.py"))

    assert copied(text) == [
        "COPY more/base.txt /opt/requirements/more/",
        "COPY requirements.txt /opt/requirements/",
        "COPY listed_flow.py /app/",
    ]
    assert installed(text) == ["-r /opt/requirements/requirements.txt"]


def test_requirements_that_are_given_come_before_those() -> None:
    write(
        {
            "given_flow.py": FLOW.format(imports=""),
            "requirements.txt": "tqdm",
            "lock file.txt": "tqdm",
        }
    )

    text = dockerfile(made("given_flow.py", requirements="lock file.txt"))

    assert copied(text)[0] == 'COPY ["lock file.txt", "/opt/requirements/"]'
    assert installed(text) == ["-r '/opt/requirements/lock file.txt'"]


def test_with_hashes_this_package_is_installed_apart() -> None:
    write(
        {
            "hashed_flow.py": FLOW.format(imports=""),
            "requirements.txt": "tqdm==4.0 --hash=sha256:00\n",
        }
    )

    runs = dockerfile(made("hashed_flow.py")).split("RUN python -m pip install ")[1:]

    assert [("-r " in run, "dagger_providers-" in run) for run in runs] == [
        (True, False),
        (False, True),
    ]


def test_more_files_can_be_included() -> None:
    write({"in_flow.py": FLOW.format(imports=""), "data/a.csv": "1", "data/b/c.csv": "2"})

    text = dockerfile(made("in_flow.py", include=["data/b", "data/a.csv"]))

    assert copied(text) == [
        "COPY data/b /app/data/b",
        "COPY data/a.csv /app/data/",
        "COPY in_flow.py /app/",
    ]


def test_one_image_for_a_folder_of_pipelines() -> None:
    two = FLOW.format(imports="") + FLOW.format(imports="").replace("flow", "second")
    write({"many/first_file.py": two, "many/deep/other_file.py": two, "many/_not.py": two})

    found = made("many")

    assert found.name == "pipelines"
    assert copied(dockerfile(found)) == [
        "COPY first_file.py deep/other_file.py /app/",
    ]


def test_the_same_text_in_any_process() -> None:
    write({"same_flow.py": FRAMES, "same_near.py": "", "requirements.txt": "pandas"})
    command = [sys.executable, "-m", "dagger_providers", "image", "same_flow.py", "--print"]
    texts = {
        subprocess.run(
            command,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(texts) == 1
    assert b"COPY same_flow.py /app/" in texts.pop()


# What cannot be put into an image


def test_a_function_that_lives_here_only() -> None:
    namespace: dict[str, object] = {"__name__": "a_notebook"}
    exec(FLOW.format(imports=""), namespace)  # noqa: S102 - that is what has no file

    with pytest.raises(UsageError, match="lives only in the process that defined it"):
        recipe(namespace["flow"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-e .", "'-e .' is a place on this machine"),
        ("../lib", "'../lib' is a place on this machine"),
        ("lib @ file:///lib", "'lib @ file:///lib' is a place on this machine"),
        ("-r none.txt", "none.txt cannot be read: "),
    ],
)
def test_requirements_that_an_image_cannot_install(line: str, said: str) -> None:
    write({"bad_flow.py": FLOW.format(imports=""), "requirements.txt": f"tqdm\n{line}\n"})

    with pytest.raises(UsageError) as caught:
        made("bad_flow.py")

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('dynamic = ["dependencies"]', "leaves the dependencies to its build (dynamic)"),
        ('dependencies = ["a @ file:../a"]', "'a @ file:../a' is a place on this machine"),
        ("dependencies = [", "pyproject.toml cannot be read: "),
    ],
)
def test_projects_that_an_image_cannot_install(text: str, said: str) -> None:
    project = f'[project]\nname = "shop"\n{text}\n'
    write({"tom_flow.py": FLOW.format(imports=""), "pyproject.toml": project})

    with pytest.raises(UsageError) as caught:
        made("tom_flow.py")

    assert said in str(caught.value)


def test_two_files_of_one_name() -> None:
    write({f"{name}/same_name.py": FLOW.format(imports="") for name in ("a", "b")})

    with pytest.raises(UsageError, match=r"would both be same_name\.py in the image: rename one"):
        made("a/same_name.py", "b/same_name.py")


def test_two_projects_with_requirements() -> None:
    for name in ("a", "b"):
        text = FLOW.format(imports="")
        write({f"{name}/own_{name}.py": text, f"{name}/requirements.txt": "tqdm"})

    with pytest.raises(UsageError, match="choose one with --requirements FILE"):
        made("a/own_a.py", "b/own_b.py")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"extras": ["s4"]}, "dagger-providers has no extra 's4'; there are: airflow, "),
        ({"include": ["none"]}, "--include none: there is no such file or folder"),
        ({"include": ["../elsewhere"]}, "it lies in no folder that code comes from"),
        ({"include": ["od[d].txt"]}, "'od[d].txt' cannot stand in a Dockerfile: rename it"),
        ({"requirements": "none.txt"}, "none.txt: there is no such file"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, object], said: str) -> None:
    write({"opt_flow.py": FLOW.format(imports=""), "../elsewhere": "", "od[d].txt": ""})

    with pytest.raises(UsageError) as caught:
        dockerfile(made("opt_flow.py", **options))

    assert said in str(caught.value)


def test_no_pipeline() -> None:
    with pytest.raises(UsageError, match="an image needs a pipeline"):
        recipe()
