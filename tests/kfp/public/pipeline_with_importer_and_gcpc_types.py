"""An imported file, of a type that is not KFP's; a task that asks for a `Path` has the file."""

from pathlib import Path

from public_catalog import Run

from dagger_providers import artifact, dag, task

UPSTREAM = "pipeline_with_importer_and_gcpc_types"
CONTAINERS = (1, 1)
DIFFERS = "an artifact has one of KFP's types, as its serializer tells"
OBJECTS = {"plays/one.txt": b"Who's there?"}


@task
def consume(dataset: Path) -> str:
    return dataset.read_text()


@dag
def pipeline_with_importer_and_gcpc_types():
    return consume(artifact("s3://bucket/plays/one.txt", Path))


PIPELINE = pipeline_with_importer_and_gcpc_types
RUNS = [Run(gives="Who's there?")]
