"""A task that reads a file of another's and one that is imported, of types that are not KFP's."""

from pathlib import Path

from public_catalog import Run

from dagger_providers import artifact, dag, task

UPSTREAM = "pipeline_with_google_artifact_type"
CONTAINERS = (2, 2)
DIFFERS = "an artifact has one of KFP's types, as its serializer tells"
OBJECTS = {"plays/one.txt": b"Who's there?"}


@task
def make_model() -> Path:
    file = Path("model.txt")
    file.write_text("my model")
    return file


@task
def consume(model: Path, dataset: Path) -> str:
    return f"{model.read_text()}: {dataset.read_text()}"


@dag
def pipeline_with_google_artifact_type():
    return consume(make_model(), artifact("s3://bucket/plays/one.txt", Path))


PIPELINE = pipeline_with_google_artifact_type
RUNS = [Run(gives="my model: Who's there?")]
