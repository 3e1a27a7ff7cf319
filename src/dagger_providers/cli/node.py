"""The node command: run one node of a pipeline, as every container does.

This is the path on which cold starts are counted, so it reads its few options by hand and imports
only what the node needs.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Sequence

from dagger_providers.errors import DaggerProvidersError, UsageError, exit_status, one_line

USAGE = """\
usage: dagger-providers run-node [REF] [options]

Run one node of a pipeline: read its inputs, call its function, write its outputs.

With a card (what compiled manifests do; no pipeline is built):
  --card JSON              the card itself
  --card-file LOCATION     or where it lies: a path or URI
  --store URI              the store that holds all runs
  --run-id ID              the run that the node belongs to
  --index I                which item of each loop around it: 3, or 0.2; none outside loops
  --param NAME JSON        the value of a parameter of the pipeline, as JSON
  --param-as KIND NAME TEXT
                           the same, for engines that have no JSON: KIND is str, int, float, bool
                           or json
  --params-file FILE       or a JSON object of all of them
  --emit FILE              write the indices of the loop that this node feeds: a JSON list

With REF, FILE.py[:NAME] or module[:NAME] (for people; the pipeline is built first):
  --node-name A.B          the node's dotted address; empty: the whole pipeline

Both ways:
  --input NAME LOCATION    read an argument from a path or URI
  --output NAME LOCATION   write an output to a path or URI
  --expect NAME sha256:HEX refuse an input with other content
  --code-root DIR          the folder that file.py functions are relative to
  --debug                  show our own traceback on errors

exit status: 0 done; 1 the task failed, finally; 2 bad input; 3 infrastructure, worth another try
"""


class Request:
    """What a command line asks for."""

    def __init__(self) -> None:
        self.ref = ""
        self.card = ""
        self.card_file = ""
        self.store = ""
        self.run_id = ""
        self.index = ""
        self.node_name = ""
        self.code_root = ""
        self.emit = ""
        self.params_file = ""
        self.param: dict[str, str] = {}
        self.input: dict[str, str] = {}
        self.output: dict[str, str] = {}
        self.expect: dict[str, str] = {}


_WORDS = frozenset({
    "card", "card_file", "store", "run_id", "index", "node_name", "code_root", "emit",
    "params_file",
})  # fmt: skip
_PAIRS = frozenset({"param", "input", "output", "expect"})


def main(arguments: Sequence[str]) -> int:
    """Run the node command and return its exit status."""
    debug = "--debug" in arguments
    if not arguments or "-h" in arguments or "--help" in arguments:
        sys.stdout.write(USAGE)
        return 0 if arguments else 2
    gc.disable()  # what is imported is no garbage, and the search for it is a tenth of a cold start
    try:
        request = parse(arguments)
        if request.card or request.card_file:
            _run_card(request)
        else:
            from dagger_providers.cli.node_by_name import run_by_name

            gc.enable()
            run_by_name(request)
    except DaggerProvidersError as error:
        if debug:
            raise
        sys.stderr.write(f"dagger-providers: error: {one_line(error, 2000)}\n")
        return exit_status(error)
    except Exception:  # noqa: BLE001 - the user's code failed: show it as Python does
        from traceback import print_exc

        print_exc()
        return 1
    finally:
        gc.enable()
    return 0


def parse(arguments: Sequence[str]) -> Request:
    """Read the options.

    Raises:
        UsageError: One is unknown, lacks its value or contradicts another.
    """
    request = Request()
    rest = list(reversed(arguments))
    while rest:
        option = rest.pop()
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--"):
            if request.ref:
                raise UsageError(f"one REF is enough: got {request.ref!r} and {option!r}")
            request.ref = option
        elif name == "debug":
            continue
        elif name in _WORDS:
            setattr(request, name, _next(rest, option, 1)[0])
        elif name in _PAIRS:
            key, value = _next(rest, option, 2)
            getattr(request, name)[key] = value
        elif name == "param_as":
            kind, key, text = _next(rest, option, 3)
            request.param[key] = json_of(kind, key, text)
        else:
            known = ", ".join(f"--{n.replace('_', '-')}" for n in sorted(_WORDS | _PAIRS))
            raise UsageError(f"unknown option {option}; there are: {known}")
    return _checked(request)


def _next(rest: list[str], option: str, count: int) -> list[str]:
    if len(rest) < count:
        raise UsageError(f"{option} takes {count} value{'s' if count > 1 else ''}")
    return [rest.pop() for _ in range(count)]


def _checked(request: Request) -> Request:
    by_card = bool(request.card) + bool(request.card_file)
    if by_card + bool(request.ref) != 1:
        raise UsageError("run-node takes either --card, --card-file or a REF; see --help")
    if by_card and not request.output and not (request.store and request.run_id):
        raise UsageError("run-node --card needs --store and --run-id; see --help")
    return request


_READ: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": lambda text: int(float(text)) if "." in text else int(text),
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text.strip().lower()],
    "json": json.loads,
}


def json_of(kind: str, name: str, text: str) -> str:
    """Return the JSON text of a value that an engine passed as plain text.

    Raises:
        UsageError: It is no value of that kind.
    """
    read = _READ.get(kind)
    if read is None:
        raise UsageError(f"--param-as: unknown kind {kind!r}; there are: {', '.join(_READ)}")
    try:
        return json.dumps(read(text), ensure_ascii=False, allow_nan=False)
    except (ValueError, KeyError):
        raise UsageError(f"parameter {name!r} must be {kind}, got {text!r:.80}") from None


def _run_card(request: Request) -> None:
    from dagger_providers.card import loads
    from dagger_providers.execution import Locations, index_from, open_run, run_card

    gc.enable()
    card = loads(request.card or _text(request.card_file))
    parameters = dict(request.param)
    if request.params_file:
        document = json.loads(_text(request.params_file))
        parameters |= {name: json.dumps(value) for name, value in document.items()}
    run = open_run(request.store or ".", request.run_id, parameters, request.code_root or None)
    if card.function:
        locations = Locations(request.input, request.output, request.expect)
        run_card(card, index_from(request.index), run, locations)
    if request.emit:
        _emit(request.emit, card, run)


def _emit(location: str, card: object, run: object) -> None:
    from dagger_providers.execution import Resolver, index_text
    from dagger_providers.storage.store import open_parent

    resolver = Resolver(run, card.axes)  # type: ignore[arg-type,attr-defined]
    indices = [index_text(index) for index in resolver.indices(card.emits)]  # type: ignore[attr-defined]
    store, name = open_parent(location)
    store.write_atomic(name, json.dumps(indices, separators=(",", ":")).encode())


def _text(location: str) -> str:
    from dagger_providers.storage.store import open_parent

    store, name = open_parent(location)
    return store.read_bytes(name).decode()
