"""Every snippet of the documentation runs and does what the text around it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(python|bash|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS_A_CLUSTER = ("kubectl", "pip ", "docker", "airflow ")


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


REFUSED = """
import snippet
from dagger_providers.errors import BuildError
try:
    snippet.pipeline.build()
except BuildError as error:
    assert {text!r} in str(error), str(error)
else:
    raise AssertionError("it was not refused")
"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    (tmp_path / "word.json").write_text('"word"')
    if page.stem in {"node-command", "airflow", "argo", "images", "kfp"}:
        tutorial = dict(files(ROOT / "docs" / "tutorial.md"))
        (tmp_path / "flow.py").write_text(tutorial["flow.py"])
    for kind, text in blocks(page):
        first = text.partition("\n")[0]
        if kind == "bash":
            run_commands(text, tmp_path)
        elif first.startswith("# file: "):
            (tmp_path / first.removeprefix("# file: ")).write_text(text)
        elif first.startswith("# refused: "):
            (tmp_path / "snippet.py").write_text(text)
            expected = REFUSED.format(text=first.removeprefix("# refused: "))
            check(python(tmp_path, "-c", expected), text)
        else:
            (tmp_path / "snippet_script.py").write_text(text)
            check(python(tmp_path, "snippet_script.py"), text)


def files(page: Path) -> list[tuple[str, str]]:
    return [
        (text.partition("\n")[0].removeprefix("# file: "), text)
        for kind, text in blocks(page)
        if kind == "python" and text.startswith("# file: ")
    ]


def run_commands(text: str, folder: Path) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith(("#", *NEEDS_A_CLUSTER)):
            words = shlex.split(line, comments=True)
            assert words[0] == "dagger-providers", f"a command that is not run: {line}"
            check(python(folder, "-m", "dagger_providers", *words[1:]), line)


def check(ended: subprocess.CompletedProcess[str], what: str) -> None:
    assert ended.returncode == 0, f"{what}\n{ended.stdout}\n{ended.stderr}"
