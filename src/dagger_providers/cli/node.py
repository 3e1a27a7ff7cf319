"""The node command: run one node of a pipeline, as every container does.

This is the path on which cold starts are counted: it imports only what the node needs.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from dagger_providers.cli.launch import end_when_told, set_environment
from dagger_providers.cli.node_options import USAGE, Request, parse
from dagger_providers.errors import (
    DaggerProvidersError,
    RunFailed,
    UsageError,
    exit_status,
    one_line,
)

if TYPE_CHECKING:
    from dagger_providers.card import Card
    from dagger_providers.execution import Index, RunContext
    from dagger_providers.execution.tries import Tries

INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended, as shells have it."""


def main(arguments: Sequence[str], *, is_command: bool = False) -> int:
    """Run the node command and return its exit status.

    Args:
        arguments: What follows ``run-node``.
        is_command: Whether the process is for this alone, and ends with it.
    """
    debug = False
    if is_command:
        gc.disable()  # until all is imported: looking for garbage takes a tenth of a cold start
        end_when_told()
    try:
        request = parse(arguments or ["--help"])
        debug = request.debug
        if request.help:
            sys.stdout.write(USAGE)
            return 0 if arguments else 2
        set_environment(request.env, is_command=is_command)
        if is_command and request.lifeline:
            from dagger_providers.execution.lifeline import tie

            try:
                tie(int(request.lifeline))
            except OSError as error:
                raise UsageError(f"--lifeline {request.lifeline}: {error.strerror}") from error
        return _run(request, is_command=is_command)
    except DaggerProvidersError as error:
        return refuse(error, debug=debug)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (Exception, SystemExit) as error:
        show(error, debug=debug)
        return 1


def refuse(error: DaggerProvidersError, *, debug: bool) -> int:
    """Tell an error of ours in one line, and return the exit status that it means."""
    if debug:
        from traceback import print_exception

        print_exception(error)
    elif isinstance(error, RunFailed) and error.__cause__ is not None:
        show(error.__cause__, debug=False)
    sys.stderr.write(f"dagger-providers: error: {told(error)}\n")
    return exit_status(error)


def told(error: BaseException) -> str:
    """Return an error of ours in one line, with where it happened."""
    notes = "; ".join(getattr(error, "__notes__", ()))
    return one_line(f"{error} ({notes})" if notes else error, 2000)


def show(error: BaseException, *, debug: bool) -> None:
    """Show an exception of the user's code as Python does; the way to it only with `debug`."""
    from traceback import print_exception

    from dagger_providers.execution.failures import describe

    if debug:
        print_exception(error)
    else:
        sys.stderr.write(describe(error)["traceback"])


def _run(request: Request, *, is_command: bool) -> int:
    if request.params_file:
        where = f"--params-file {request.params_file}"
        request.param |= _parameters(_text(request.params_file), where)
    if request.params:
        request.param |= _parameters(request.params, "--params")
    unset = _taken(request) if request.executor_input else frozenset()
    if request.ref:
        from dagger_providers.cli.node_by_name import run_by_name

        _start_collector()
        _report(request, run_by_name(request))
        return 0
    from dagger_providers.card import loads

    _start_collector()
    card = loads(request.card or _text(request.card_file))
    return _run_card(_without(card, unset) if unset else card, request, is_command)


def _run_card(card: Card, request: Request, is_command: bool) -> int:
    run = request.context() if request.store or request.output else request.context(_scratch())
    if run.started and card.executes and not card.allow_failure:
        status = _failed_before(card, request.whole_index, run)
        if status:
            return status
    tries: Tries | None = None
    if is_command and card.policy.timeout is not None:
        from dagger_providers.execution.apart import stand_by

        copy = stand_by(card.policy)
        if isinstance(copy, int):
            return copy
        tries = copy
    located = (_execute(card, run, request, tries) if card.executes
               else _exported(card, run, request) if request.output else {})  # fmt: skip
    _tell(request, card, run)
    _report(request, located)
    return 0


def _failed_before(card: Card, index: str, run: RunContext) -> int:
    """Tell what failed for good when the engine started this before, and return the status."""
    from dagger_providers.execution.context import node_path, where
    from dagger_providers.execution.failures import final_failure

    assert run.started is not None  # noqa: S101 - the caller's
    for one in _indices(index, card, run):
        failed = final_failure(run.store, node_path(card.address, one), run.started)
        if failed is not None:
            sys.stderr.write(failed["traceback"])
            sys.stderr.write(f"dagger-providers: {where(card, one)} failed so before, and is not "
                             "run again\n")  # fmt: skip
            return int(failed["exit_status"])
    return 0


def _exported(card: Card, run: RunContext, request: Request) -> Mapping[str, Any]:
    """Write what a card without a function reads to plain locations."""
    from dagger_providers.cli.exports import export
    from dagger_providers.execution import Resolver

    return export(card, Resolver(run, card.axes), request)


def _scratch() -> str:
    """Return a folder for the record of a node without outputs, until the process ends."""
    from tempfile import TemporaryDirectory

    global _folder  # noqa: PLW0603 - as long as the process
    _folder = TemporaryDirectory(prefix="dagger-", ignore_cleanup_errors=True)
    return str(_folder.name)


_folder: Any = None


def _taken(request: Request) -> frozenset[str]:
    # Only components of KFP have an executor input.
    from dagger_providers.cli.executor_input import take

    return take(request)


def _report(request: Request, located: Mapping[str, Any]) -> None:
    if request.executor_input:
        from dagger_providers.cli.executor_input import report

        report(request, located)


def _without(card: Card, unset: frozenset[str]) -> Card:
    """Return a card that leaves arguments to the function's defaults."""
    from dagger_providers.serializers.records import replace

    inputs = {name: binding for name, binding in card.inputs.items() if name not in unset}
    return replace(card, inputs=inputs)


def _execute(
    card: Card, run: RunContext, request: Request, tries: Tries | None
) -> Mapping[str, Any]:
    """Run a card, at one index or several; return what was written at plain locations."""
    from dagger_providers.execution import index_text, run_card
    from dagger_providers.serializers.records import replace

    if not request.store:
        _check_outputs(card, request)
    from dagger_providers.execution.context import how_of

    told = run.telling(partial(_tell_cached, run))
    located: dict[str, Any] = {}
    for number, index in enumerate(_indices(request.whole_index, card, run)):
        if tries is None:
            record = run_card(card, index, told, request.locations())
        elif number >= tries.skip:
            tries.tell(["item", number])
            record = run_card(card, index, told, request.locations(), tries)
            tries = replace(tries, first=1)
        else:
            continue
        located |= record.extra.get("located", {})
        _tell_cached(run, card.address, index_text(index), 0.0, how_of(record))
    return located


def _tell_cached(run: RunContext, address: str, index: str, _: float, how: str) -> None:
    """Tell that a result was taken from the cache, and from which run."""
    if how == "cached":
        from dagger_providers.execution import index_from, node_path

        taken = run.commit_at(node_path(address, index_from(index))).extra["cached"]
        item = f"{address}[{index}]" if index else address
        sys.stderr.write(f"{item}: taken from the cache of run {taken['run']}\n")


def _start_collector() -> None:
    """Look for garbage from now on, but never among what is imported already."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _check_outputs(card: Card, request: Request) -> None:
    missing = [f"--output {name} LOCATION" for name in card.outputs if name not in request.output]
    if missing:
        raise UsageError(f"without --store, node {card.address!r} needs {', '.join(missing)}")


def _indices(text: str, card: Card, run: RunContext) -> Iterable[Index]:
    from dagger_providers.execution import Resolver, index_from

    resolver = Resolver(run, card.axes)
    if ":" not in text:
        index = index_from(text)
        resolver.check_cases(card.within, index)
        return (index,)
    # Few nodes run many items.
    from dagger_providers.execution.chunks import indices_in

    return indices_in(text, card.within, resolver)


def _tell(request: Request, card: Card, run: RunContext) -> None:
    """Write what an engine has to know of a node that is done."""
    if request.new_run:
        from dagger_providers.storage import new_attempt_id

        _write_text(request.new_run, f"{request.run_id}/{new_attempt_id()}")
    if not request.emit and not request.choice:
        return
    from dagger_providers.execution import Resolver
    from dagger_providers.execution.telling import decided, emitted

    resolver, index = Resolver(run, card.axes), request.whole_index
    if request.emit:
        found = emitted(card, index, resolver, int(request.emit_limit or 0))
        _write_text(request.emit, json.dumps(found, separators=(",", ":")))
    if request.choice:
        _write_text(request.choice, decided(card, index, resolver))


def _write_text(location: str, text: str) -> None:
    from dagger_providers.storage.store import open_parent

    store, name = open_parent(location)
    store.write_atomic(name, text.encode())


def _parameters(text: str, where: str) -> dict[str, str]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{where} is no JSON: {one_line(error)}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{where} must hold a JSON object of parameters")
    return {name: json.dumps(value, ensure_ascii=False) for name, value in document.items()}


def _text(location: str) -> str:
    from dagger_providers.storage.store import open_parent

    store, name = open_parent(location)
    try:
        return store.read_bytes(name).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{location} is no text: {one_line(error)}") from error
