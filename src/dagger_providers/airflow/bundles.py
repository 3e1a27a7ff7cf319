"""A DAG bundle of pipelines: a folder of files without a line of Airflow in them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatch
from inspect import signature
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.base import BaseDagBundle
from airflow.sdk import DAG

from dagger_providers.airflow.dags import to_airflow
from dagger_providers.card.files import import_from
from dagger_providers.dsl.find import find_pipelines, pipeline_files
from dagger_providers.errors import UsageError

_STUB = """# Airflow DAGs of the pipelines in {file}.

from dagger_providers.airflow.bundles import dags_of

globals().update(dags_of({arguments}))
"""

_OF_ONE = {"dag_id", "task_args"}
"""What is given for a single DAG, and not for all of a folder."""


class PipelineBundle(BaseDagBundle):
    """Makes DAGs of all pipelines in a folder and those below it.

    Every ``@dag`` function of a Python file, and every pipeline document, is a DAG: its id is the
    pipeline's name, its schedule and so on its ``runtime_options["airflow"]``. A name that starts
    with an underscore is no DAG of its own. The bundle only searches the files for the word
    ``dagger_providers``; for each that has it, Airflow parses a small file that imports it.

    Args:
        path: The folder.
        options: What `to_airflow` takes for each, as JSON data: ``store``, ``store_conn_id``,
            ``launcher``, ``image``, ``code_root``, and arguments of `airflow.sdk.DAG` such as
            ``default_args``.
        exclude: Files that have no DAGs, as patterns of their paths in the folder: ``scratch/*``.
        **kwargs: As `BaseDagBundle` takes them: ``name``, ``refresh_interval``.

    Raises:
        UsageError: There is no such option, or ``exclude`` is no list of patterns.
    """

    supports_versioning = False

    def __init__(
        self,
        *,
        path: str,
        options: dict[str, Any] | None = None,
        exclude: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.source = Path(path).expanduser().resolve()
        self.options = options or {}
        _check(self.options, exclude, f"bundle {self.name!r}")
        self.exclude = tuple(exclude)

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
            wanted = {self.path / _parsed(file): self._stub(file) for file in self._files()}
            self.path.mkdir(parents=True, exist_ok=True)
            for place, text in wanted.items():
                if not place.exists() or place.read_text(encoding="utf-8") != text:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(text, encoding="utf-8")
            for place in set(self.path.rglob("*.py")) - set(wanted):
                place.unlink()

    def _files(self) -> Iterator[Path]:
        for file in pipeline_files(self.source):
            if not any(fnmatch(file.as_posix(), pattern) for pattern in self.exclude):
                yield file

    def _stub(self, file: Path) -> str:
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        places = [repr(str(self.source / file)), repr(str(self.source))]
        arguments = ", ".join([*places, *options])
        return _STUB.format(file=repr(str(file)), arguments=arguments)


def dags_of(file: str, folder: str, **options: Any) -> dict[str, DAG]:
    """Return a DAG for each pipeline of a file, by the DAG's id; the files of a bundle call it.

    Args:
        file: A Python file, or a pipeline document.
        folder: The bundle's, which it may import from as from its own.
        **options: As `to_airflow` takes them.

    Raises:
        UsageError: The file cannot be imported.
        CapabilityError: Airflow cannot run one of its pipelines.
    """
    caller = sys._getframe(1).f_code.co_filename
    import_from(folder)
    dags = {}
    for name, pipeline in find_pipelines(file).items():
        if not name.startswith("_"):
            dag = to_airflow(pipeline, **options)
            dag.fileloc = caller
            dags[dag.dag_id] = dag
    return dags


def _parsed(file: Path) -> Path:
    """Return the name of the file that Airflow parses for a file: ``a/flow.py.py``.

    Airflow puts the folder of these on ``sys.path``: no import may find one by a pipeline's name.
    """
    return file.with_name(f"{file.name}.py")


def _check(options: Any, exclude: Any, where: str) -> None:
    """Refuse what neither `to_airflow` nor a DAG has, before each file is an error or none is."""
    if not isinstance(options, Mapping):
        raise UsageError(f"{where}: options is a mapping, got {options!r:.80}")
    patterns = isinstance(exclude, Collection) and not isinstance(exclude, str)
    if not patterns or not all(isinstance(one, str) for one in exclude):
        raise UsageError(
            f"{where}: exclude is a list of patterns, such as ['scratch/*'], got {exclude!r:.80}"
        )
    taken = signature(to_airflow).parameters.values()
    ours = [one.name for one in taken if one.kind is one.KEYWORD_ONLY and one.name not in _OF_ONE]
    known = {*ours, *signature(DAG).parameters} - _OF_ONE
    for name in options:
        if name not in known:
            close = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"those of ours: {', '.join(ours)}"
            raise UsageError(f"{where}: no option {name!r}; {hint}")
