"""Compile a pipeline to the YAML text that KFP takes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dagger_providers.kfp.emit import Manifest, manifest
from dagger_providers.planning.manifests import Target, write
from dagger_providers.planning.source import check_output, dag_of, files_of
from dagger_providers.serializers.block_yaml import block_yaml

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline


def compile(  # noqa: PLR0913 - each is an option of a deployment
    pipeline: Pipeline,
    path: str | os.PathLike[str] | None = None,
    *,
    store: str,
    image: str | None = None,
    code_root: str | None = None,
    outputs: bool | Sequence[str] = False,
    artifacts: Mapping[str, str] | None = None,
) -> str:
    """Compile a pipeline to a KFP pipeline of container components that run its cards.

    The same pipeline gives the same bytes, in any process. KFP's own parameters are the pipeline's:
    `arguments` makes them of Python values. What a run gives lies in
    ``<store>/runs/<id of KFP's run>``.

    Args:
        pipeline: A function decorated by `dagger_providers.dag`, or a model.
        path: A file or URI to write it to, in one piece; None only returns it.
        store: The store that holds all runs, as containers reach it: a URI or an absolute path.
            Cards beyond 8 kB are written there now, under ``cards/``.
        image: The image of tasks that name none: it holds this package and the pipeline's code.
        code_root: The folder in the image that ``file.py:name`` functions are relative to; by
            default its working folder.
        outputs: Outputs of the pipeline that are KFP's own too, for its pages; True: all. A step
            is inserted that copies them from the store.
        artifacts: Which of them are artifacts of which type; see `component`.

    Returns:
        The text of the YAML file.

    Raises:
        CapabilityError: KFP cannot do what the pipeline asks for; in one line.
        BuildError: The pipeline cannot be recorded.
        MissingExtraError: The extra ``kfp`` is not installed.
        UsageError: The path is that of a file that the pipeline comes from.
    """
    dag = dag_of(pipeline)
    if path is not None:
        check_output(path, files_of(dag))
    target = Target(store, image, code_root)
    text = to_yaml(_manifest(dag, target, outputs, artifacts or {}))
    if path is not None:
        write(text, path)
    return text


def _manifest(
    pipeline: Pipeline, target: Target, outputs: bool | Sequence[str], artifacts: Mapping[str, str]
) -> Manifest:
    if not outputs:
        return manifest(pipeline, target)
    from dagger_providers.kfp.wholes import with_previews

    dag = dag_of(pipeline)
    return with_previews(dag, artifacts, None if outputs is True else outputs, target)


def to_yaml(made: Manifest) -> str:
    """Return a manifest as YAML text: one document, or two."""
    from google.protobuf import json_format

    documents = [json_format.MessageToDict(made.spec), made.platform]
    return "---\n".join(block_yaml(document) for document in documents if document)
