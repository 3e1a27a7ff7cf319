"""Compile a pipeline to the YAML text of an Argo ``Workflow``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dagger_providers.argo.emit import document
from dagger_providers.argo.limits import size_refusals
from dagger_providers.argo.refusals import refusals
from dagger_providers.argo.validate import validate
from dagger_providers.planning import plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.manifests import Target, write
from dagger_providers.planning.source import check_output, dag_of, files_of
from dagger_providers.serializers.block_yaml import block_yaml

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline


def workflow(
    pipeline: Pipeline,
    path: str | os.PathLike[str] | None = None,
    *,
    store: str,
    image: str | None = None,
    code_root: str | None = None,
) -> str:
    """Compile a pipeline to an Argo ``Workflow`` of containers that run its cards.

    The same pipeline gives the same bytes, in any process. The workflow's parameters are the
    pipeline's: `arguments` makes them of Python values. What a run gives lies in
    ``<store>/runs/<uid of the workflow>``.

    Args:
        pipeline: A function decorated by `dagger_providers.dag`, or a model.
        path: A file or URI to write it to, in one piece; None only returns it.
        store: The store that holds all runs, as containers reach it: a URI or an absolute path.
            Cards beyond 8 kB are written there now, under ``cards/``.
        image: The image of tasks that name none: it holds this package and the pipeline's code.
        code_root: The folder in the image that ``file.py:name`` functions are relative to; by
            default its working folder.

    Returns:
        The text of the YAML file.

    Raises:
        CapabilityError: Argo cannot do what the pipeline asks for; in one line.
        BuildError: The pipeline cannot be recorded.
        UsageError: The path is that of a file that the pipeline comes from.
    """
    dag = dag_of(pipeline)
    if path is not None:
        check_output(path, files_of(dag))
    lowered = plan(dag)
    refuse(refusals(dag, lowered, Deployment("", store, image or "", code_root)))
    made = document(dag, lowered, Target(store, image, code_root))
    validate(made)
    refuse(size_refusals(dag, made))
    text = block_yaml(made)
    if path is not None:
        write(text, path)
    return text
