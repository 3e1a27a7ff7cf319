"""Files and directories, as a `pathlib.Path`."""

import tempfile
from pathlib import Path

from dagger_providers import dag, task

DRAWING = "site (directory) -> pages (list of files) -> [title] -> index (file)"


@task
def site(names: list[str]) -> Path:
    folder = Path(tempfile.mkdtemp())
    for name in names:
        page = folder / "pages" / f"{name}.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"<h1>{name}</h1>")
    (folder / "empty.txt").touch()
    return folder


@task
def pages(folder: Path) -> list[Path]:
    return sorted((folder / "pages").glob("*.html"))


@task
def title(page: Path) -> str:
    return f"{page.read_text()}{page.suffix}"


@task
def index(titles: list[str], folder: Path) -> Path:
    file = Path(tempfile.mkdtemp()) / "index.md"
    names = sorted(str(found.relative_to(folder)) for found in folder.rglob("*.*"))
    file.write_text("\n".join([*titles, *names]))
    return file


@task
def read(file: Path) -> str:
    return file.read_text()


@dag
def files(names: list[str]):
    folder = site(names)
    file = index([title(page) for page in pages(folder)], folder)
    return {"site": folder, "index": file, "text": read(file)}


PIPELINE = files
RUNS = [
    (
        {"names": ["b", "a"]},
        {
            "site": ...,
            "index": ...,
            "text": "<h1>a</h1>.html\n<h1>b</h1>.html\nempty.txt\npages/a.html\npages/b.html",
        },
    )
]
