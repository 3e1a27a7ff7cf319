"""Artifacts of a loop in a loop, collected inside and outside; each is made by a pipeline."""

from pathlib import Path

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "collected_artifacts"
CONTAINERS = (9, 9)


@task
def split(text: str) -> list[str]:
    return text.split(",")


def written(content: str) -> Path:
    file = Path(f"{content}.txt")
    file.write_text(content)
    return file


@task
def create_file(content: str) -> Path:
    return written(content)


@task
def read_file(file: Path) -> str:
    return file.read_text()


@task
def create_dataset(content: str) -> Path:
    return written(content)


@task
def read_datasets(files: list[Path]) -> str:
    return " ".join(file.read_text() for file in files)


@task
def make_model(data: Path, name: str) -> Path:
    return written(f"{data.read_text()}-{name}")


@task
def read_models(models: list[Path]) -> str:
    return " ".join(model.read_text() for model in models)


@task
def read_all_models(models: list[list[Path]]) -> str:
    return " ".join(model.read_text() for some in models for model in some)


@dag
def dataset(char: str):
    return create_dataset(char)


@dag
def collecting(ids: str, chars: str):
    letters = split(chars)
    files, models, seen, read = [], [], [], []
    for name in split(ids):
        files.append(read_file(create_file(name)))
        data = [dataset(letter) for letter in letters]
        some = [make_model(one, name) for one in data]
        models.append(some)
        seen.append(read_models(some))
        read.append(read_datasets(data))
    return {"models": models, "files": files, "seen": seen, "read": read}


@dag
def collected_artifacts(ids: str = "s1,s2", chars: str = "x,y"):
    found = collecting(ids, chars)
    return {
        "all": read_all_models(found["models"]),
        "files": found["files"],
        "seen": found["seen"],
        "read": found["read"],
    }


PIPELINE = collected_artifacts
RUNS = [
    Run(
        gives={
            "all": "x-s1 y-s1 x-s2 y-s2",
            "files": ["s1", "s2"],
            "seen": ["x-s1 y-s1", "x-s2 y-s2"],
            "read": ["x y", "x y"],
        }
    )
]
