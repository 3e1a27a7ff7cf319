"""The components of ``kfp_components``, and what those of them run that are tasks of ours."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dagger_providers.dsl.decorators import task
from dagger_providers.errors import UsageError


def component_yaml(name: str) -> str:
    """Return a component of ``kfp_components``, compiled: the text of its YAML file.

    Example: ``kfp.components.load_component_from_text(component_yaml("core/run_node"))``.

    Args:
        name: Its folder there.

    Raises:
        UsageError: There is none of that name; the message lists those that there are.
    """
    folder = _folder()
    known = {f.parent.relative_to(folder).as_posix(): f for f in folder.glob("*/*/component.yaml")}
    if name not in known:
        raise UsageError(f"no component {name!r}; there are: {', '.join(sorted(known))}")
    return known[name].read_text(encoding="utf-8")


def _folder() -> Path:
    """Return where the components lie: beside this file in a wheel, else in the repository."""
    installed = Path(__file__).with_name("kfp_components")
    return installed if installed.is_dir() else Path(__file__).parents[3] / "kfp_components"


@task
def download(uri: str, sha256: str = "") -> Path:
    """Fetch a file or folder from any place that fsspec reaches.

    Args:
        uri: Where it lies, such as s3://bucket/table.csv or https://example.org/table.csv.
        sha256: What its content must hash to, 64 hex digits; empty for anything.
    """
    from dagger_providers.serializers import load
    from dagger_providers.storage import read_location

    expected = f"sha256:{sha256}" if sha256 else None
    found: Path = read_location(uri, load("path"), expect=expected)
    return found


class Uploaded(NamedTuple):
    """What became of an upload."""

    uri: str
    sha256: str


@task
def upload(data: Path, uri: str) -> Uploaded:
    """Copy an artifact to any place that fsspec reaches.

    Args:
        data: A file or folder.
        uri: Where to put it, such as s3://bucket/table.csv; what lies there is replaced.
    """
    from dagger_providers.serializers import load
    from dagger_providers.storage import write_location

    written = write_location(uri, data, load("path"))
    return Uploaded(written.uri, written.sha256)


class Report(NamedTuple):
    """A run record as pages."""

    page: str
    summary: str


@task
def publish_report(store: str, run_id: str) -> Report:
    """Show the record of a run on KFP's pages, as HTML and as Markdown.

    Of a run that an orchestrator schedules, nodes are shown as the store has them by now.

    Args:
        store: URI of the store that holds all runs, such as s3://bucket/runs.
        run_id: The run, as core/run_pipeline was given it or dagger-providers runs list shows it.
    """
    from dagger_providers.execution.live import as_it_is
    from dagger_providers.storage import open_store
    from dagger_providers.tracking import read_record
    from dagger_providers.tracking.report import html, markdown

    record = as_it_is(read_record(open_store(open_store(store).join("runs", run_id))), store)
    return Report(html(record), markdown(record))
