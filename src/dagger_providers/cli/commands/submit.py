"""The command that starts a pipeline on a server."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagger_providers.cli.arguments import AnyCallable, Json, Params, Ref, built, pairs
from dagger_providers.cli.launch import say, stdout_for_results, telling_interrupts
from dagger_providers.cli.node import refuse, told
from dagger_providers.cli.results import as_json, no_run, print_failure, print_run, status_of
from dagger_providers.cli.usage import one_of
from dagger_providers.errors import DaggerProvidersError, ModelError, UsageError
from dagger_providers.model import DAG
from dagger_providers.model.options import seconds
from dagger_providers.planning.parameters import from_text
from dagger_providers.tracking import Event, Listener, Run, silent
from dagger_providers.tracking.display import display

if TYPE_CHECKING:
    from dagger_providers.kfp.submission import Submitted

_SERVERS = ("kfp",)


def submit(
    ref: Ref,
    to: Annotated[
        str,
        typer.Option(metavar="TARGET", parser=one_of("--to", _SERVERS), help="The target: kfp."),
    ],
    param: Params = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The address of KFP, as of its pages [default: KF_PIPELINES_ENDPOINT].",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URI", help="The store that tasks reach [default: DAGGER_STORE]."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="The container image of tasks that name none."),
    ] = None,
    code_root: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The folder in the image of file.py functions."),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace", "-n", metavar="NAME", help="Yours, where KFP has several users."
        ),
    ] = None,
    experiment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The experiment of the run, made if need be [default: "
            "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME, else Default].",
        ),
    ] = None,
    run_name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What KFP calls the run [default: the pipeline's name and the time].",
        ),
    ] = None,
    recurring: Annotated[
        str | None,
        typer.Option(
            metavar="CRON",
            help="Run it by a schedule instead: six fields, the seconds first, or as @daily.",
        ),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait until it is over, and print what it gave back."),
    ] = False,
    attach: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Wait for this run, which was submitted before, instead."),
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How long to wait, as 90s, 10m, 2h [default: for ever]."),
    ] = None,
    token_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A file with the token to log in by."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    allow_any_callable: AnyCallable = False,
    json_: Json = False,
) -> None:
    """Compile a pipeline and run it on a KFP server.

    It prints the run's id, its page, and where its record will lie in the store. With --wait it
    prints what the pipeline gave back, as run does, and ends with 0 or 1. Ctrl-C ends the waiting,
    not the run. Exit status: 2 when the server refuses something, 3 when it cannot be reached.

    Logging in, by one of: --token-file, or KFP_EXISTING_TOKEN with the token itself (others could
    see it in a command line); KF_PIPELINES_IAP_OAUTH2_CLIENT_ID, _APP_OAUTH2_CLIENT_ID and
    _APP_OAUTH2_CLIENT_SECRET for Google's proxy; the token that Kubernetes mounts, at
    KF_PIPELINES_SA_TOKEN_PATH; KFP_COOKIES, where a page logs you in. SSL_CERT_FILE names the
    certificates of an authority of your own.

    Example: dagger-providers submit flow.py --to kfp --host https://kfp.example --image IMAGE
    --store s3://bucket/runs -p n=3 --wait

    Example: dagger-providers submit flow.py --to kfp --image IMAGE --recurring "0 30 6 * * 1-5"
    """
    del to  # there is one
    within = _checked(wait, attach, recurring, timeout)
    reached = store or os.environ.get("DAGGER_STORE")
    if not reached:
        raise UsageError("kfp needs --store, the URI of the store that its containers reach")
    server = {
        "store": reached, "host": host, "namespace": namespace,
        "credentials": _credentials(token_file),
    }  # fmt: skip
    dag = built(ref, allow_any_callable)
    if attach:
        from dagger_providers import kfp

        run = kfp.submitted(dag, attach, **server)
    else:
        given = from_text(dag, pairs(param))
        options = {
            "image": image, "code_root": code_root, "experiment": experiment,
            "run_name": run_name, **server,
        }  # fmt: skip
        if recurring is not None:
            _schedule(dag, recurring, given, options, as_json_=json_)
            return
        run = _start(dag, given, options)
    again = _command(ref, run.run_id, reached, host, namespace, token_file, allow_any_callable)
    if (wait or attach) and json_:
        _wait_for_json(run, within, again)
    elif wait or attach:
        _wait(run, within, again, quiet=quiet)
    elif json_:
        say(_text({"run_id": run.run_id, "status": "submitted", "url": run.url, "outputs": {},
                   "record": run.record}))  # fmt: skip
    else:
        say(f"run: {run.run_id}\npage: {run.url}\nrecord: {run.record}")
        sys.stderr.write(f"wait for it: {again}\n")


def _checked(
    wait: bool, attach: str | None, recurring: str | None, timeout: str | None
) -> float | None:
    """Return the seconds to wait."""
    if recurring is not None and (wait or attach):
        raise UsageError("--recurring starts no run to wait for: leave out --wait and --attach")
    if timeout is None:
        return None
    if not wait and not attach:
        raise UsageError("--timeout is how long to wait: give --wait too")
    try:
        return float(seconds(timeout))
    except ModelError as error:
        raise UsageError(f"--timeout: {error}") from error


def _credentials(token_file: str | None) -> Any:
    if token_file is None:
        return None
    from dagger_providers.kfp.client import TokenFile

    return TokenFile(token_file)


def _start(dag: DAG, given: dict[str, Any], options: dict[str, Any]) -> Submitted:
    from dagger_providers import kfp

    with stdout_for_results():
        return kfp.submit(dag, given, **options)


def _schedule(
    dag: DAG, cron: str, given: dict[str, Any], options: dict[str, Any], *, as_json_: bool
) -> None:
    from dagger_providers import kfp

    with stdout_for_results():
        made = kfp.schedule(dag, cron, given, **options)
    if as_json_:
        say(_text({"recurring_run_id": made.recurring_run_id, "status": "scheduled",
                   "url": made.url, "runs": made.runs}))  # fmt: skip
    else:
        say(f"recurring run: {made.recurring_run_id}\npage: {made.url}")
        say(f"records: {made.runs}/<id of each run>/run.json")


def _wait(run: Submitted, within: float | None, again: str, *, quiet: bool) -> None:
    """Wait for a run and print what it gave back; raises as the command ends with it."""
    failed: list[Event] = []
    sys.stderr.write(f"run: {run.run_id}\npage: {run.url}\n")
    with stdout_for_results(), telling_interrupts(), display(quiet=quiet) as show_event:

        def listen(event: Event) -> None:
            show_event(event)
            if event.kind == "failed":
                failed.append(event)

        result = _waited(run, within, listen, again)
    if result.failure:
        print_failure(result, failed, sys.stderr, shown=False)
    else:
        print_run(result, sys.stdout, sys.stderr)
    _end(status_of(result))


def _wait_for_json(run: Submitted, within: float | None, again: str) -> None:
    """Wait for a run and print it as JSON, also when it cannot be waited for any more."""
    try:
        with stdout_for_results(), telling_interrupts():
            result = _waited(run, within, silent, again)
            document = as_json(result)
        status = status_of(result)
    except DaggerProvidersError as error:
        document = {**no_run(told(error)), "run_id": run.run_id, "status": "unknown"}
        status = refuse(error, debug=False)
    say(_text({**document, "url": run.url}))
    _end(status)


def _end(status: int) -> None:
    if status:
        raise typer.Exit(status)


def _waited(run: Submitted, within: float | None, listen: Listener, again: str) -> Run:
    try:
        return run.wait(within, check=False, listen=listen)
    except (DaggerProvidersError, KeyboardInterrupt) as error:
        error.add_note(f"wait for it again: {again}")
        raise


def _command(
    ref: str,
    run_id: str,
    store: str,
    host: str | None,
    namespace: str | None,
    token_file: str | None,
    any_callable: bool,
) -> str:
    """Return the command that waits for a run again."""
    words = ["dagger-providers", "submit", ref, "--to", "kfp", "--attach", run_id]
    given = {"--store": store, "--host": host, "-n": namespace, "--token-file": token_file}
    for name, value in given.items():
        words += [name, value] if value else []
    words += ["--allow-any-callable"] if any_callable else []
    return shlex.join(words)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
