from kfp import dsl
from kfp.dsl import Artifact, Input, Output
from oracle.components import IMAGE

PLAY = "s3://bucket/plays/one.txt"


class VertexModel(Artifact):
    schema_title = "google.VertexModel"


class VertexDataset(Artifact):
    schema_title = "google.VertexDataset"


@dsl.container_component
def make_model(model: Output[VertexModel]):
    return dsl.ContainerSpec(image=IMAGE, command=["make_model"])


@dsl.container_component
def consume(model: Input[VertexModel], dataset: Input[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["consume"])


@dsl.pipeline
def pipeline():
    dataset = dsl.importer(artifact_uri=PLAY, artifact_class=VertexDataset)
    consume(model=make_model().outputs["model"], dataset=dataset.output)


@dsl.pipeline
def alike():
    dataset = dsl.importer(artifact_uri=PLAY, artifact_class=Artifact)
    consume(model=make_model().outputs["model"], dataset=dataset.output)
