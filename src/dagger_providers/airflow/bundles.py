"""A DAG bundle of pipelines: a folder of files without a line of Airflow in them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.base import BaseDagBundle
from airflow.sdk import DAG

from dagger_providers.airflow.dags import to_airflow
from dagger_providers.dsl.find import find_pipelines, pipeline_files

_STUB = """# Airflow DAGs of the pipelines in {file}.

from dagger_providers.airflow.bundles import dags_of

globals().update(dags_of({arguments}))
"""


class PipelineBundle(BaseDagBundle):
    """Makes DAGs of all pipelines in a folder and those below it.

    Every ``@dag`` function of a Python file, and every pipeline document, is a DAG: its id is the
    pipeline's name, its schedule and so on its ``runtime_options["airflow"]``. A name that starts
    with an underscore is no DAG of its own. The bundle only searches the files for the word
    ``dagger_providers``; for each that has it, Airflow parses a small file that imports it.

    Args:
        path: The folder.
        options: What `to_airflow` takes for each: ``store``, ``launcher``, ``image``,
            ``code_root``.
        **kwargs: As `BaseDagBundle` takes them: ``name``, ``refresh_interval``.
    """

    supports_versioning = False

    def __init__(self, *, path: str, options: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = Path(path).expanduser().resolve()
        self.options = options or {}

    @property
    def path(self) -> Path:
        """The folder of the files that Airflow parses."""
        return self.base_dir / "dags"

    def get_current_version(self) -> None:
        """Tell no version: the folder is as it is."""

    def initialize(self) -> None:
        """Make the bundle ready, in a DAG processor or a worker."""
        self.refresh()
        super().initialize()

    def refresh(self) -> None:
        """Write the files for pipelines that came, and remove those of pipelines that went."""
        with self.lock():
            wanted = {
                self.path / _parsed(file): self._stub(file) for file in pipeline_files(self.source)
            }
            self.path.mkdir(parents=True, exist_ok=True)
            for place, text in wanted.items():
                if not place.exists() or place.read_text(encoding="utf-8") != text:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(text, encoding="utf-8")
            for place in set(self.path.rglob("*.py")) - set(wanted):
                place.unlink()

    def _stub(self, file: Path) -> str:
        options = [f"{name}={_quoted(value)}" for name, value in self.options.items()]
        arguments = ", ".join([_quoted(str(self.source / file)), *options])
        return _STUB.format(file=_quoted(str(file)), arguments=arguments)


def dags_of(file: str, **options: Any) -> dict[str, DAG]:
    """Return a DAG for each pipeline of a file, by the DAG's id; the files of a bundle call it.

    Args:
        file: A Python file, or a pipeline document.
        **options: As `to_airflow` takes them.

    Raises:
        UsageError: The file cannot be imported.
        CapabilityError: Airflow cannot run one of its pipelines.
    """
    caller = sys._getframe(1).f_code.co_filename
    dags = {}
    for name, pipeline in find_pipelines(file).items():
        if not name.startswith("_"):
            dag = to_airflow(pipeline, **options)
            dag.fileloc = caller
            dags[dag.dag_id] = dag
    return dags


def _parsed(file: Path) -> Path:
    """Return the name of the file that Airflow parses for a file: ``a/flow.yaml.py``."""
    return file if file.suffix == ".py" else file.with_name(f"{file.name}.py")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
