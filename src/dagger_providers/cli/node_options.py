"""Read the options of the node command by hand: a parser's import would double its start."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dagger_providers.errors import UsageError

if TYPE_CHECKING:
    from dagger_providers.execution import Locations, RunContext

USAGE = """\
Usage: dagger-providers run-node [REF] [OPTIONS]

Run one node of a pipeline, as every container does: read its inputs, call its
function, write its outputs.

With a card (what compiled manifests do; no pipeline is built):
  --card JSON              the card itself
  --card-file LOCATION     or where it lies: a path or URI
  --store URI              the store that holds all runs
  --run-id ID              the run that the node belongs to
  --index I                which item of each loop around it: 3, or 0.2; once
                           or for each loop, outermost first; none outside
                           loops. Or several, one after the other: a chunk of
                           all 0:100, or in one of the loops 3.0:100
  --param NAME JSON        the value of a parameter of the pipeline, as JSON
  --param-as KIND NAME TEXT
                           the same, for engines that have no JSON: KIND is
                           str, int, float, bool or json; or a shape for JSON
                           whose numbers became floats and keys were sorted,
                           such as ["int"] (docs/node-command.md)
  --params JSON            or a JSON object of all of them
  --params-file LOCATION   or where such an object lies
  --emit LOCATION          write the indices of the loop that this node feeds:
                           a JSON list
  --emit-limit N           of more than N indices, write N chunks instead
  --choice LOCATION        write which branch runs that this node chooses: text
  --new-run LOCATION       write the id of a run in the run --run-id: text

With a REF (for people; the pipeline is built first), FILE.py[:NAME] or
module[:NAME], with its NAME where there are several; or FILE.yaml, FILE.json:
  --node-name A.B          the node's dotted address [default: the whole
                           pipeline]
  --allow-any-callable     let a YAML or JSON file name functions and
                           serializers that nothing decorated names

Both ways; a LOCATION is a path or URI, which holds the value itself (a list
that is written item by item is a folder of files 0, 1, 2 and so on, and
partitions.json):
  --input NAME LOCATION    read an argument from there
  --output NAME LOCATION   write an output there
  --expect NAME sha256:HEX refuse an input with other content
  --trust NAME             read an input that is a pickle, which runs the code
                           in it
  --output-as KIND NAME LOCATION
                           write an output as engines read their parameters:
                           a str bare, all else as JSON; KIND as of --param-as
  --started VARIABLE       a variable of the environment that tells how often
                           the engine has started this before: 1, or name(1);
                           what failed in your code then is not run again
  --lifeline FD            end, with all that was started, when the other end of
                           this pipe is closed, as by the death of who holds it
  --env NAME VALUE         set a variable of the environment that has no value;
                           PYTHONHASHSEED 0 starts Python again
  --code-root DIR          the folder that file.py functions are relative to
                           [default: the current one, or that of REF]
  --debug                  show our own traceback on errors

In a KFP component:
  --executor-input JSON    what KFP knows of the task; at the end its output
                           file is written, which tells of artifacts
  --take KIND NAME         give an argument from there, if it is set: KIND is
                           that of --param-as, or artifact, or artifacts (a
                           list); else the function's default holds

Examples:
  dagger-providers run-node flow.py --param n 3 --output return_value n.json
  dagger-providers run-node flow.py --node-name fit --input rows rows.json \\
    --output return_value model.json
  dagger-providers run-node --card-file s3://b/cards/1f.json --store s3://b \\
    --run-id r1 --index 0

Exit status: 0 done; 1 the task failed, finally; 2 bad input; 3
infrastructure, worth another try
"""


class Request:
    """What a command line asks for."""

    def __init__(self) -> None:
        self.ref = ""
        self.card = ""
        self.card_file = ""
        self.store = ""
        self.run_id = ""
        self.index: list[str] = []
        self.node_name = ""
        self.code_root = ""
        self.emit = ""
        self.emit_limit = ""
        self.choice = ""
        self.new_run = ""
        self.started = ""
        self.lifeline = ""
        self.params = ""
        self.params_file = ""
        self.executor_input = ""
        self.param: dict[str, str] = {}
        self.input: dict[str, str | tuple[str, ...]] = {}
        self.output: dict[str, str] = {}
        self.output_as: dict[str, str] = {}
        self.take: dict[str, str] = {}
        self.env: dict[str, str] = {}
        self.expect: dict[str, str] = {}
        self.trust: list[str] = []
        self.allow_any_callable = False
        self.debug = False
        self.help = False

    @property
    def whole_index(self) -> str:
        """Which item of each loop around the node, or several of them."""
        return ".".join(self.index)

    def context(self, folder: str = ".") -> RunContext:
        """Return the run that is named; without one, whatever lies in a folder."""
        from dagger_providers.execution import RunContext, open_run
        from dagger_providers.storage import open_store

        root = self.code_root or None
        if self.store:
            return open_run(self.store, self.run_id, self.param, root, started=self._starts())
        return RunContext(open_store(folder), self.param, root)

    def _starts(self) -> int | None:
        """Return how often the engine has started this before; None where it does not say."""
        text = os.environ.get(self.started, "")
        number = text.removesuffix(")").rpartition("(")[2]
        return int(number) if number.isdecimal() else None

    def locations(self) -> Locations:
        """Return the plain places that are named."""
        from dagger_providers.execution import Locations

        trusted = frozenset(self.trust)
        return Locations(self.input, self.output, self.expect, trusted, self.output_as)


_WORDS = frozenset({
    "card", "card_file", "store", "run_id", "node_name", "code_root", "emit",
    "emit_limit", "choice", "params_file", "executor_input", "new_run", "params", "started",
    "lifeline",
})  # fmt: skip
_PAIRS = frozenset({"param", "input", "output", "expect", "env"})
_REPEATED = frozenset({"index", "trust"})
_TYPED = {"param_as": 3, "output_as": 3, "take": 2}
"""Options whose first value is a kind, and how many values they have."""
_SWITCHES = frozenset({"allow_any_callable", "debug", "help"})


def parse(arguments: Sequence[str]) -> Request:
    """Read the options.

    Raises:
        UsageError: One is unknown, lacks its value or contradicts another.
    """
    request = Request()
    rest = list(reversed(arguments))
    while rest:
        _take(request, rest.pop(), rest)
    return request if request.help else _checked(request)


def _take(request: Request, option: str, rest: list[str]) -> None:
    name = "help" if option == "-h" else option.removeprefix("--").replace("-", "_")
    if not option.startswith("-"):
        if request.ref:
            raise UsageError(f"one REF is enough: got {request.ref!r} and {option!r}")
        request.ref = option
    elif name in _SWITCHES:
        setattr(request, name, True)
    elif name in _WORDS:
        setattr(request, name, _next(rest, option, 1)[0])
    elif name in _PAIRS:
        key, value = _next(rest, option, 2)
        getattr(request, name)[key] = value
    elif name in _REPEATED:
        getattr(request, name).append(_next(rest, option, 1)[0])
    elif name in _TYPED:
        kind, key, *text = _next(rest, option, _TYPED[name])
        _keep_typed(request, name, kind, key, *text)
    else:
        known = sorted({*_WORDS, *_PAIRS, *_REPEATED, *_SWITCHES, *_TYPED})
        from difflib import get_close_matches

        close = get_close_matches(name, known)
        options = [f"--{one.replace('_', '-')}" for one in close or known]
        hint = (
            f"did you mean {' or '.join(options)}" if close else f"there are: {', '.join(options)}"
        )
        raise UsageError(f"unknown option {option}; {hint}")


def _keep_typed(request: Request, name: str, kind: str, key: str, text: str = "") -> None:
    if name == "param_as":
        request.param[key] = json_of(kind, key, text)
    elif name == "output_as":
        request.output[key], request.output_as[key] = text, kind
    else:
        request.take[key] = kind


def _next(rest: list[str], option: str, count: int) -> list[str]:
    if len(rest) < count:
        raise UsageError(f"{option} takes {count} value{'s' if count > 1 else ''}")
    return [rest.pop() for _ in range(count)]


def _checked(request: Request) -> Request:
    by_card = bool(request.card) + bool(request.card_file)
    if by_card + bool(request.ref) != 1:
        raise UsageError("run-node takes either --card, --card-file or a REF; see --help")
    if bool(request.store) != bool(request.run_id):
        raise UsageError("--store and --run-id go together; see --help")
    if request.emit_limit and not request.emit_limit.isdecimal():
        raise UsageError(f"--emit-limit takes a number, not {request.emit_limit!r}")
    if request.lifeline and not request.lifeline.isdecimal():
        raise UsageError(f"--lifeline takes the number of an open file, not {request.lifeline!r}")
    if request.take and not request.executor_input:
        raise UsageError("--take needs --executor-input; see --help")
    if by_card and not request.output and not request.store and not request.executor_input:
        raise UsageError("run-node --card needs --store and --run-id; see --help")
    return request


def json_of(kind: str, name: str, text: str) -> str:
    """Return the JSON text of a value that an engine passed as plain text.

    Raises:
        UsageError: It is no value of that kind.
    """
    read = _READ.get(kind) or _shape_reader(kind)
    try:
        return json.dumps(read(text), ensure_ascii=False, allow_nan=False)
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"parameter {name!r} must be {kind}, got {text!r:.80}") from None


def _int(text: str) -> int:
    """Read a whole number, also as engines write it that know only floats: 3.0, 1e+06."""
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if not number.is_integer() or abs(number) > _EXACT:
            raise ValueError(text) from None
        return int(number)


def _shape_reader(kind: str) -> Callable[[str], object]:
    """Return what reads JSON that has lost what a shape restores."""
    if not kind.startswith(("[", "{")):
        known = f"{', '.join(_READ)}, or a shape in JSON"
        raise UsageError(f"unknown kind {kind!r}; there are: {known}")
    from dagger_providers.serializers.engine_text import in_shape

    shape = json.loads(kind)
    return lambda text: in_shape(shape, json.loads(text))


_EXACT = 2**53
"""Up to here a float holds every whole number."""

_READ: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": _int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text.strip().lower()],
    "json": json.loads,
}
