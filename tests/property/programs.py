"""Strategies for programs that are legal and type-correct by construction.

An expression is its source; what is in scope is known by its shape, so that whatever is drawn can
be called with it. Every result that a loop's body makes is made by a call in that body, and depends
on the item where the loop runs over a list of results: else the recording refuses it by design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from property.syntax import Append, For, Function, Let, Program, Statement

T = TypeVar("T")

ITEM = {"texts": "text", "kinds": "kind", "rows": "texts", "records": "record"}
"""The shape of a list's items, by the shape of the list."""

PARTS = {"name": "text", "parts": "texts", "kind": "kind"}
"""The shapes of a record's parts, by key."""

TYPES = {
    "text": "str",
    "kind": "str",
    "number": "int",
    "flag": "bool",
    "texts": "list[str]",
    "kinds": "list[str]",
    "rows": "list[list[str]]",
}
"""How a parameter of each shape is annotated."""

TASKS: Mapping[tuple[tuple[str, ...], str], tuple[str, ...]] = {
    (("text",), "text"): ("a", "b", "c"),
    (("text", "text"), "text"): ("pair", "swap"),
    (("texts",), "text"): ("join", "drain"),
    (("text",), "texts"): ("split", "emit"),
    (("texts",), "texts"): ("same", "flip", "tail"),
    (("text",), "record"): ("record", "entry"),
}
"""Tasks that can stand for each other, by the shapes of their arguments and of their result."""

CASES = {"flag": (True, False), "kind": ("p", "q", "r"), "number": (0, 1, 2)}
"""All that a selector of each shape can be."""

DEEPEST, DEEPEST_OF_RESULTS = 3, 2
"""So many loops in each other at most; with lists of results a recording takes longer."""


@dataclass(frozen=True)
class Held:
    """A value in scope.

    Attributes:
        source: The expression that gives it.
        shape: What it is.
        size: The same for lists of which is known that they are equally long.
        made: Whether it is a list that the pipeline's code made itself.
        loops: In how many loops it was made; with more, a recording grows quickly.
        walks: The loops that made it, each by a number. An item of a list of results is of the same
            loop wherever that list is walked, so that none can be walked inside itself.
        mixed: Whether it has not just one item for each of one loop: such a list of results is not
            recorded as being as long as one result that is a list.
        node: Whether it is a call's result, which others can run after.
    """

    source: str
    shape: str
    size: int | str = 0
    made: bool = False
    loops: int = 1
    walks: frozenset[int] = frozenset()
    mixed: bool = False
    node: bool = False


@dataclass(frozen=True)
class Scope:
    """What can be used at a place.

    Attributes:
        held: The values.
        must: What every call has to depend on, on any one of each: the items of loops over lists of
            results. Those of a zip are used together, if one loop did not make all its lists.
        filled: Lists that the loops around are filling.
        level: How many loops are around, those included that made the lists they walk.
        walked: The loops that made the lists which the loops around walk.
        once: Whether this place is recorded once, so that a node can be given a name.
    """

    held: tuple[Held, ...] = ()
    must: tuple[tuple[str, ...], ...] = ()
    filled: tuple[Held, ...] = ()
    level: int = 0
    walked: frozenset[int] = frozenset()
    once: bool = True

    @property
    def deepest(self) -> int:
        """How many loops there may be in each other here."""
        return DEEPEST_OF_RESULTS if self.must else DEEPEST

    def having(self, *held: Held) -> Scope:
        """Return the scope with more values; of a record, also its parts."""
        return replace(self, held=(*self.held, *(part for one in held for part in _parts(one))))

    def of(self, *shapes: str) -> list[Held]:
        """Return the values of some shapes, the last first."""
        return [one for one in reversed(self.held) if one.shape in shapes]


def _parts(held: Held) -> tuple[Held, ...]:
    if held.shape != "record":
        return (held,)
    parts = {f"{held.source}[{key!r}]": shape for key, shape in PARTS.items()}
    return (held, *(Held(part, shape, part, node=held.node) for part, shape in parts.items()))


@st.composite
def programs(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Program:
    """Generate a program with parameters."""
    return _Writing(draw).program()


@dataclass
class _Writing:
    """One program that is being written."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    functions: list[Function] = field(default_factory=list)
    signatures: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    names: int = 0
    depth: int = 0
    """How many pipelines are being written in each other."""

    # Choices

    def pick(self, options: Sequence[T]) -> T:
        found: T = self.draw(st.sampled_from(options))
        return found

    def count(self, least: int, most: int) -> int:
        found: int = self.draw(st.integers(least, most))
        return found

    def maybe(self, of: int = 2) -> bool:
        """Return True once in so many times."""
        return self.count(1, of) == of

    def name(self, prefix: str = "v") -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def size(self) -> int:
        """Return the size of a list of which is not known how long it is."""
        self.names += 1
        return self.names

    # Programs

    def program(self) -> Program:
        shapes = ["texts", *(self.pick(list(TYPES)) for _ in range(self.count(0, 3)))]
        lengths: dict[int | str, int] = {size: self.count(0, 3) for size in (-1, -2)}
        held = [Held(f"{shape}{n}", shape, -self.count(0, 1) - 1) for n, shape in enumerate(shapes)]
        values = {one.source: self.parameter(one, lengths[one.size]) for one in held}
        left_out = held[-1].source if len(held) > 1 and self.maybe(3) else ""
        signature = tuple(
            f"{one.source}: {TYPES[one.shape]}"
            + (f" = {values[one.source]!r}" if one.source == left_out else "")
            for one in held
        )
        self.depth = 1
        body, scope = self.body(Scope(tuple(held)), 5)
        self.functions.append(Function("main", signature, tuple(body), self.outputs(scope)))
        given = tuple((name, value) for name, value in values.items() if name != left_out)
        return Program(tuple(self.functions), given)

    def parameter(self, held: Held, length: int) -> Any:
        if held.shape == "rows":
            return [self.texts(self.count(0, 2)) for _ in range(length)]
        if held.shape in ITEM:
            single = {"texts": self.word, "kinds": lambda: self.pick(CASES["kind"])}[held.shape]
            return [single() for _ in range(length)]
        return self.word() if held.shape == "text" else self.pick(CASES[held.shape])

    def texts(self, length: int) -> list[str]:
        return [self.word() for _ in range(length)]

    def word(self) -> str:
        return self.pick("stuvw") * self.count(1, 2)

    def outputs(self, scope: Scope) -> str:
        found = scope.of(*TYPES)
        if self.maybe(4):
            return self.pick(found).source
        chosen = [self.pick(found).source for _ in range(self.count(1, 3))]
        entries = [f'"out{n}": {source}' for n, source in enumerate(chosen)]
        return f"{{{', '.join(entries)}}}"

    # Pipelines that are called

    def pipeline(self, shapes: tuple[str, ...], result: str) -> str:
        """Return the name of a pipeline with such arguments and such a result."""
        known = [name for name, *signature in self.signatures if signature == [shapes, result]]
        if known and (self.maybe() or not self.may_nest):
            return self.pick(known)
        held = [Held(name, shape, self.size()) for name, shape in zip("xyz", shapes, strict=False)]
        name = self.name("inner")
        self.depth += 1
        body, scope = self.body(Scope(tuple(held)), 2)
        returned = self.result(scope, result)
        self.depth -= 1
        signature = tuple(f"{one.source}: {TYPES[one.shape]}" for one in held)
        self.functions.append(Function(name, signature, tuple(body), returned))
        self.signatures.append((name, shapes, result))
        return name

    @property
    def may_nest(self) -> bool:
        return self.depth < 3 and len(self.functions) < 6

    def result(self, scope: Scope, shape: str) -> str:
        if shape == "record":
            parts = [f"{key!r}: {self.result(scope, part)}" for key, part in PARTS.items()]
            return f"{{{', '.join(parts)}}}"
        found = scope.of(shape)
        if found and self.maybe():
            return self.pick(found).source
        return self.value(scope, shape, 1).source

    # Statements

    def body(self, scope: Scope, most: int) -> tuple[list[Statement], Scope]:
        """Return statements, of which the first calls something, and the scope after them."""
        statements: list[Statement] = []
        for number in range(self.count(1, most)):
            write = self.pick((self.let, self.loop)) if number else self.let
            more, scope = write(scope)
            statements.extend(more)
        return statements, scope

    def let(self, scope: Scope) -> tuple[list[Statement], Scope]:
        shapes = ["text", "texts", "rows", "record", "records", "kind", "number", "flag", "kinds"]
        shape = "text" if scope.must else self.pick(shapes)
        value = self.value(scope, shape, 2 if scope.level < 2 else 1)
        name = self.name()
        return [Let(name, value.source)], scope.having(replace(value, source=name))

    def loop(self, scope: Scope) -> tuple[list[Statement], Scope]:
        """Return a loop that fills lists of its own, and those that loops around it fill."""
        if scope.level >= scope.deepest:
            return self.let(scope)
        target, source, inner, walked = self.walked(scope)
        shapes = [self.pick(("texts", "rows"))] + (["texts"] if self.maybe(3) else [])
        own = [self.made(shape, walked, self.name()) for shape in shapes]
        own = [replace(one, walks=own[0].walks) for one in own]
        inner = replace(inner, filled=(*scope.filled, *own))
        body = self.loop_body(inner)
        held = [
            one
            if _fills_once(body, one.source)
            else replace(one, size=self.size(), loops=one.loops + 1, mixed=True)
            for one in own
        ]
        declared: list[Statement] = [Let(one.source, "[]") for one in own]
        return [*declared, For(target, source, tuple(body))], scope.having(*held)

    def loop_body(self, scope: Scope) -> list[Statement]:
        body: list[Statement] = []
        for _ in range(self.count(0, 2)):
            more, scope = self.pick((self.let, self.append, self.loop))(scope)
            body.extend(more)
        more, _ = self.append(scope)
        return [*body, *more]

    def append(self, scope: Scope) -> tuple[list[Statement], Scope]:
        filled = self.pick(scope.filled[::-1])
        item = ITEM[filled.shape]
        if item == "text" and self.maybe(4):
            several = f"[{self.value(scope, item, 1).source}, {self.value(scope, item, 1).source}]"
            return [Append(filled.source, several, extends=True)], scope
        return [Append(filled.source, self.value(scope, item, 1).source)], scope

    def made(self, shape: str, walked: Held, name: str) -> Held:
        """Return a list with an item for each of a list that was walked."""
        walks = walked.walks if walked.made else frozenset({self.size()})
        return replace(walked, source=name, shape=shape, made=True, walks=walks, node=False)

    def walked(self, scope: Scope) -> tuple[str, str, Scope, Held]:
        """Return a loop's target and source, the scope of its body, and the list that it walks."""
        way = self.pick(("list", "list", "list", "zip", "zip", "words"))
        if way == "words":
            name = self.name("i")
            words = repr(self.texts(self.count(1, 2)))
            inner = replace(scope.having(Held(name, "text")), level=scope.level + 1, once=False)
            return name, words, inner, Held(words, "texts", self.size(), made=True, mixed=True)
        first = self.listed(scope)
        way = way if first in scope.held else "list"
        more = (1 + self.maybe(3)) if way == "zip" else 0
        lists = [first, *(self.equally_long(scope, first) for _ in range(more))]
        names = [self.name("i") for _ in lists]
        items = [self.item(one, name) for one, name in zip(lists, names, strict=True)]
        needed = _needed(lists, items)
        inner = replace(
            scope.having(*items),
            must=(*scope.must, *needed),
            level=scope.level + first.loops,
            walked=scope.walked.union(*(one.walks for one in lists)),
            once=scope.once and not needed,
        )
        sources = [one.source for one in lists]
        source = f"zip({', '.join(sources)}, strict=True)" if way == "zip" else sources[0]
        return ", ".join(names), source, inner, first

    def item(self, listed: Held, name: str) -> Held:
        shape = ITEM[listed.shape]
        made = listed.made and shape in ITEM
        walks = frozenset({self.size()}) if made else frozenset()
        return Held(name, shape, self.size() if shape in ITEM else 0, made=made, walks=walks)

    def listed(self, scope: Scope) -> Held:
        """Return a list to walk: one in scope, or what a call gives."""
        found = [
            one
            for one in scope.of(*ITEM)
            if scope.level + one.loops <= (DEEPEST_OF_RESULTS if one.made else scope.deepest)
            and scope.walked.isdisjoint(one.walks)
        ]
        if found and not self.maybe(5):
            return self.pick(found)
        return self.of_task(scope, self.pick(("texts", "rows")), 0)

    def equally_long(self, scope: Scope, other: Held) -> Held:
        known = [
            one
            for one in scope.of(*ITEM)
            if one.size == other.size and scope.walked.isdisjoint(one.walks)
        ]
        if other.shape == "texts" and not other.mixed and not scope.must:
            known.append(replace(other, source=f"same({other.source})", made=False))
        return self.pick(known)

    # Values

    def value(self, scope: Scope, shape: str, fuel: int) -> Held:
        """Return what a call makes, or a list of such."""
        if shape in {"texts", "rows", "records", "kinds"}:
            return self.many(scope, shape, fuel)
        makers = {"text": self.called, "record": self.recorded}
        if shape in makers:
            return Held(makers[shape](scope, fuel), shape, node=True)
        source = f"{shape}({self.needed(scope, self.text(scope, fuel - 1))})"
        return Held(source, shape, node=True)

    def needed(self, scope: Scope, text: str) -> str:
        """Return a text that depends on what it must."""
        for choice in scope.must:
            text = f"pair({text}, {self.pick(choice)})"
        return text

    def text(self, scope: Scope, fuel: int) -> str:
        """Return an expression for a text, to be given to a call."""
        found = scope.of("text", "kind")
        if fuel > 0 and self.maybe():
            return self.called(replace(scope, must=()), fuel)
        if found and not self.maybe(8):
            return self.pick(found).source
        return repr(self.word())

    def argument(self, scope: Scope, shape: str, fuel: int) -> str:
        """Return an expression of some shape, to be given to a call."""
        if shape == "text":
            return self.text(scope, fuel)
        found = scope.of(shape)
        if found and not self.maybe(4):
            return self.pick(found).source
        if shape in CASES and self.maybe(4):
            return repr(self.pick(CASES[shape]))
        return self.value(replace(scope, must=()), shape, min(fuel - 1, 0)).source

    def called(self, scope: Scope, fuel: int) -> str:
        """Return a call whose result is a text."""
        ways = [self.one, self.one, self.two, self.joined, self.tagged]
        if fuel > 0:
            ways += [self.switched_text, self.repeated_text, self.nested_text, self.part]
        return self.needed(scope, self.pick(ways)(replace(scope, must=()), fuel))

    def one(self, scope: Scope, fuel: int) -> str:
        task = self.pick(("a", "b", "c", "once"))
        if task == "once":
            return "once()"
        way = self.pick(("plain", "plain", "label", "after", "name", "group"))
        x = self.text(scope, fuel - 1)
        before = [one.source for one in scope.of(*TYPES) if one.node]
        if way == "label":
            return f"c({x}, label={self.word()!r})"
        if way == "after" and before:
            return f"{task}.options(after={self.pick(before)})({x})"
        if way == "name" and scope.once:
            return f'{task}.options(name="{self.name("n")}")({x})'
        if way == "group":
            group = self.name("g")
            return f'{task}.options(group="{group}")(b.options(group="{group}")({x}))'
        return f"{task}({x})"

    def two(self, scope: Scope, fuel: int) -> str:
        x, y = self.text(scope, fuel - 1), self.text(scope, fuel - 1)
        if self.maybe(3):
            return f"triple({x}, {y}, {self.text(scope, fuel - 1)})"
        return self.pick((f"pair({x}, {y})", f"swap({x}, {y})", f"swap(y={x}, x={y})"))

    def joined(self, scope: Scope, fuel: int) -> str:
        if self.maybe(3):
            return f"show({self.argument(scope, 'rows', fuel)})"
        return f"{self.pick(('join', 'drain'))}({self.argument(scope, 'texts', fuel)})"

    def tagged(self, scope: Scope, fuel: int) -> str:
        task, shape = self.pick((("tag", "number"), ("flagged", "flag")))
        return f"{task}({self.text(scope, fuel - 1)}, {self.argument(scope, shape, fuel - 1)})"

    def part(self, scope: Scope, fuel: int) -> str:
        if self.maybe():
            x = self.text(scope, fuel - 1)
            return f'record({x})["deep"]["two"][{self.count(0, 1)}]'
        return f'{self.recorded(scope, fuel)}["name"]'

    def recorded(self, scope: Scope, fuel: int) -> str:
        """Return a call whose result is a record."""
        ways = ["task", "switch", "pipeline"] if fuel > 0 else ["task"]
        way = self.pick(ways)
        if way == "switch":
            return self.switched(scope, ("text",), "record", fuel)
        x = self.needed(scope, self.text(scope, fuel - 1))
        if way == "pipeline" and self.may_nest:
            return f"{self.pipeline(('text',), 'record')}({x})"
        return f"{self.pick(('record', 'entry'))}({x})"

    # Pipelines, switches and repetitions

    def nested_text(self, scope: Scope, fuel: int) -> str:
        return self.nested(scope, "text", fuel)

    def nested(self, scope: Scope, result: str, fuel: int) -> str:
        if not self.may_nest:
            return "once()" if result == "text" else f"split({self.text(scope, 0)})"
        shapes = tuple(self.pick(("text", "texts", "rows")) for _ in range(self.count(1, 3)))
        pipeline = self.pipeline(shapes, result)
        options = ""
        if self.maybe(4):
            options = f'.options(group="{self.name("g")}")'
        given = [self.argument(scope, shape, fuel - 1) for shape in shapes]
        return f"{pipeline}{options}({', '.join(given)})"

    def switched_text(self, scope: Scope, fuel: int) -> str:
        shapes = self.pick((("text",), ("text", "text"), ("texts",)))
        return self.switched(scope, shapes, "text", fuel)

    def switched(self, scope: Scope, shapes: tuple[str, ...], result: str, fuel: int) -> str:
        by = self.pick(tuple(CASES))
        selector = self.argument(scope, by, fuel - 1)
        values = CASES[by][: self.count(1, len(CASES[by]))]
        cases = [f"{value!r}: {self.branch(shapes, result)}" for value in values]
        default = ""
        if len(values) < len(CASES[by]) or self.maybe(3):
            default = f", default={self.branch(shapes, result)}"
        given = [self.argument(scope, shape, fuel - 1) for shape in shapes]
        if shapes[0] == "text":
            given[0] = self.needed(scope, given[0])
        return f"switch({selector}, {{{', '.join(cases)}}}{default})({', '.join(given)})"

    def branch(self, shapes: tuple[str, ...], result: str) -> str:
        if self.may_nest and self.maybe():
            return self.pipeline(shapes, result)
        return self.pick(TASKS[shapes, result])

    def repeated_text(self, scope: Scope, fuel: int) -> str:
        return (
            f'{self.repeated(scope, fuel, self.pick(("grow", "climb", "patchy", "own")))}["text"]'
        )

    def repeated(self, scope: Scope, fuel: int, body: str) -> str:
        x = self.text(scope, fuel - 1)
        if body == "climb":
            rest = self.argument(scope, "texts", fuel - 1)
            bound = f'max_iterations={self.count(1, 4)}, exhausted="return"'
            return f"loop(climb, {bound})({x}, {rest})"
        if body == "own" and self.may_nest:
            return f"loop({self.turn()})({x}, {self.pick(('0', 'n=1', 'number(' + x + ')'))})"
        if self.maybe():
            return f"loop({'patchy' if body == 'patchy' else 'grow'})({x}, step={self.count(0, 1)})"
        return f"loop({'patchy' if body == 'patchy' else 'grow'})({x})"

    def turn(self) -> str:
        """Return the name of a pipeline that can be repeated."""
        name = self.name("turn")
        self.depth += 1
        body, scope = self.body(Scope((Held("text", "text"), Held("n", "number"))), 2)
        entries = {
            "text": self.value(scope, "text", 1).source,
            "n": "more(n)",
            "done": "enough(n)",
            "parts": self.value(scope, "texts", 1).source,
        }
        self.depth -= 1
        returned = ", ".join(f'"{key}": {source}' for key, source in entries.items())
        signature = ("text: str", "n: int")
        self.functions.append(Function(name, signature, tuple(body), f"{{{returned}}}"))
        return name

    # Lists

    def many(self, scope: Scope, shape: str, fuel: int) -> Held:
        """Return a list that calls make."""
        ways: list[Callable[[Scope, str, int], Held]] = [self.comprehension]
        if fuel < 1 and shape != "records":
            ways = [self.of_task]
        elif shape != "records":
            ways.append(self.of_task)
        if shape == "texts" and fuel > 0:
            ways += [self.of_composer, self.display]
        if shape == "texts" and fuel > 1:
            ways += [self.pairs, self.sum]
        return self.pick(ways)(scope, shape, fuel)

    def comprehension(self, scope: Scope, shape: str, fuel: int) -> Held:
        if scope.level >= scope.deepest:
            x = self.value(scope, ITEM[shape], 0) if shape != "rows" else None
            source = x.source if x else self.of_task(scope, "texts", 0).source
            return Held(f"[{source}]", shape, self.size(), made=True, mixed=True)
        target, source, inner, walked = self.walked(scope)
        names = target.split(", ")
        texts = [one for one in inner.of("text", "kind") if one.source in names]
        calls = any(one.node for one in scope.held) and not scope.must
        if calls and len(texts) == len(names) > 1 and shape in {"texts", "rows"}:
            return self.zipped_items(shape, walked, target, source)
        element = self.value(inner, ITEM[shape], fuel - 1)
        return self.made(shape, walked, f"[{element.source} for {target} in {source}]")

    def zipped_items(self, shape: str, walked: Held, target: str, source: str) -> Held:
        """Return the items of a zip as they are: in lists of their own, or one after the other."""
        if shape == "rows":
            return self.made(shape, walked, f"[[{target}] for {target} in {source}]")
        name = self.name("i")
        flat = f"[{name} for {target} in {source} for {name} in [{target}]]"
        return replace(self.made(shape, walked, flat), size=self.size(), mixed=True)

    def pairs(self, scope: Scope, shape: str, fuel: int) -> Held:
        """Return a comprehension with two loops; the inner one may walk the outer one's item."""
        target, source, inner, first = self.walked(scope)
        if inner.level >= inner.deepest:
            return self.comprehension(scope, shape, fuel)
        second, over, innermost, other = self.walked(inner)
        element = self.value(innermost, ITEM[shape], 0).source
        loops = f"for {target} in {source} for {second} in {over}"
        made = self.made(shape, first, f"[{element} {loops}]")
        walks = made.walks | self.made(shape, other, "").walks
        return replace(
            made, size=self.size(), loops=first.loops + other.loops, mixed=True, walks=walks
        )

    def of_task(self, scope: Scope, shape: str, fuel: int) -> Held:
        x = self.needed(scope, self.text(scope, fuel - 1))
        if shape == "rows":
            return self.of_list(scope, fuel, ("rows", "rows", "turned"), x)
        if shape == "kinds":
            return self.of_list(scope, fuel, ("kinds",), x)
        if self.maybe() and not scope.must:
            return self.of_list(scope, fuel, ("same", "flip", "tail", "flat"), x)
        return Held(f"{self.pick(('split', 'emit'))}({x})", shape, self.size(), node=True)

    def of_list(self, scope: Scope, fuel: int, tasks: tuple[str, ...], x: str) -> Held:
        task = self.pick(tasks)
        taken = "rows" if task in {"turned", "flat"} else "texts"
        shape = {"rows": "rows", "turned": "rows", "kinds": "kinds"}.get(task, "texts")
        found = scope.of(taken)
        if found and not scope.must:
            given = self.pick(found)
            keeps = task in {"same", "flip", "turned", "kinds"} and not given.mixed
            size = given.size if keeps else self.size()
            return Held(f"{task}({given.source})", shape, size, node=True)
        listed = f"rows(split({x}))" if taken == "rows" else f"split({x})"
        return Held(f"{task}({listed})", shape, self.size(), node=True)

    def of_composer(self, scope: Scope, shape: str, fuel: int) -> Held:
        """Return a list that a switch, a repetition or a pipeline gives."""
        x = replace(scope, must=())
        way = self.pick(("switch", "switch of list", "loop", "own", "pipeline"))
        if way == "switch" or scope.must:
            source = self.switched(scope, ("text",), shape, fuel)
        elif way == "switch of list":
            source = self.switched(x, ("texts",), shape, fuel)
        elif way == "pipeline":
            source = self.nested(x, shape, fuel)
        elif way == "own" and self.may_nest:
            source = f'loop({self.turn()})({self.text(x, fuel - 1)}, 0)["parts"]'
        else:
            source = f'{self.repeated(x, fuel, "climb")}["rest"]'
        return Held(source, shape, self.size(), node=True)

    def sum(self, scope: Scope, shape: str, fuel: int) -> Held:
        """Return lists that the code made, one after the other."""
        made = [one for one in scope.of(shape) if one.made] if not scope.must else []
        left, right = (
            self.pick(made) if made and self.maybe() else self.comprehension(scope, shape, 0)
            for _ in range(2)
        )
        loops = max(left.loops, right.loops)
        walks = left.walks | right.walks
        source = f"{left.source} + {right.source}"
        return Held(source, shape, self.size(), True, loops, walks, mixed=True)

    def display(self, scope: Scope, shape: str, fuel: int) -> Held:
        """Return a list with single results and lists in it."""
        first = self.value(scope, "text", 0).source
        middle = self.many(scope, shape, fuel - 1)
        last = self.value(scope, "text", 0).source
        elements = self.pick(
            ([first, f"*{middle.source}"], [f"*{middle.source}", last], [first, last])
        )
        source = f"[{', '.join(elements)}]"
        walks = middle.walks if middle.made else frozenset({self.size()})
        return Held(source, shape, self.size(), True, middle.loops, walks, mixed=True)


def _as_text(item: Held) -> str:
    """Return a text that depends on an item."""
    return {
        "texts": f"join({item.source})",
        "rows": f"show({item.source})",
        "record": f'{item.source}["name"]',
    }.get(item.shape, item.source)


def _needed(lists: Sequence[Held], items: Sequence[Held]) -> list[tuple[str, ...]]:
    """Return what calls have to depend on in a loop over lists in step."""
    made = [(one, item) for one, item in zip(lists, items, strict=True) if one.made]
    texts = [_as_text(item) for _, item in made]
    apart = len({one.walks for one, _ in made}) == 1 and len(made) == len(lists)
    return [tuple(texts)] if apart else [(text,) for text in texts]


def _fills_once(body: Sequence[Statement], name: str) -> bool:
    """Say whether a loop's body appends one item to a list, in the loop itself."""
    return [_fills(statement, name) for statement in body if _fills(statement, name)] == [1]


def _fills(statement: Statement, name: str) -> int:
    match statement:
        case Append(found, _, extends=False) if found == name:
            return 1
        case Append(found) if found == name:
            return 2
        case For(body=body):
            return 2 * sum(_fills(inner, name) for inner in body)
        case _:
            return 0
