from kfp import dsl
from kfp.dsl import Artifact, Input
from oracle.components import IMAGE

PLAY = "s3://bucket/plays/one.txt"


class VertexDataset(Artifact):
    schema_title = "google.VertexDataset"


@dsl.container_component
def consume(dataset: Input[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["consume"])


@dsl.pipeline
def pipeline():
    consume(dataset=dsl.importer(artifact_uri=PLAY, artifact_class=VertexDataset).output)


@dsl.pipeline
def alike():
    consume(dataset=dsl.importer(artifact_uri=PLAY, artifact_class=Artifact).output)
