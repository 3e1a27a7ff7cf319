"""Pipelines whose recording would not mean what their plain call means, and what is said."""

from __future__ import annotations

import functools
import itertools
import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from dagger_providers import dag
from unit.dsl.traced import a, b, join, keywords, once, pair, record, same, scale, split

REFUSED: dict[str, tuple[Any, str]] = {}
"""For each name, the pipeline function and a part of the refusal."""


def refused(part: str) -> Any:
    def note(function: Any) -> Any:
        REFUSED[function.__name__] = (function, part)
        return function

    return note


# Loops that treat items differently


@refused("carries a value from one item to the next")
@dag
def fold(xs):
    total = once()
    for x in xs:
        total = pair(total, x)
    return total


@refused("carries a value from one item to the next")
@dag
def fold_from_nothing(xs):
    previous = None
    for x in xs:
        previous = pair(previous, a(x))
    return previous


@refused("not used in the same way for each item")
@dag
def enumerated(xs):
    return join([pair(x, n) for n, x in enumerate(xs)])


@refused("argument 'y' is another one for each (enumerate, a counter, zip with")
@dag
def enumerated_results(xs):
    return [pair(y, n) for n, y in enumerate([a(x) for x in xs])]


@refused("or numbers them; give the whole list, in order, and select, reorder or number in a task")
@dag
def enumerated_in_lists(xs):
    return join([[n, a(x)] for n, x in enumerate(xs)])


@refused("zip with a list of another length), and how many items there are is known only when")
@dag
def zipped_with_literals(xs):
    return join([pair(x, word) for x, word in zip(xs, ["one", "two", "three"], strict=False)])


@refused("argument 'x' is another one for each")
@dag
def zipped_with_single_results(xs):
    return join([pair(x, y) for x, y in zip([once(), once()], xs, strict=False)])


@refused("pair their items in a task, and loop over its result")
@dag
def zipped_with_more_results(xs):
    ys = [a(x) for x in xs]
    return join([pair(x, y) for x, y in zip([once(), *ys], same(ys), strict=True)])


@refused("uses results of two different items")
@dag
def zipped_with_itself_reversed(xs):
    out = [a(x) for x in xs]
    return join([pair(x, y) for x, y in zip(out, reversed(out), strict=True)])


@refused("not used in the same way for each item")
@dag
def counted(xs):
    out = []
    number = 0
    for x in xs:
        out.append(pair(x, number))
        number += 1  # noqa: SIM113 - that is refused too
    return join(out)


@refused("changes what it records")
@dag
def counted_outside(xs):
    number = 0
    for x in xs:
        a(x)
        number += 1
    return a(number)


@refused("an if looks at a result")
@dag
def counted_to_a_limit(xs):
    out = []
    number = 0
    for x in xs:
        number = number + 1
        if number < 10:
            out.append(a(x))
    return join(out)


@refused("len() looks at a result")
@dag
def length(xs):
    return a(len([a(x) for x in xs]))


@refused("len() looks at a result")
@dag
def length_of_reference(xs):
    return a(len(xs))


def count(values):
    return min(len(values), 2)


@refused("function 'count', line")
@dag
def length_in_a_function(xs):
    return a(count([a(x) for x in xs]))


@refused("a slice selects some of the results")
@dag
def sliced(xs):
    return join([a(x) for x in xs][:10])


@refused("a slice selects some of the results")
@dag
def chunked(xs):
    out = [a(x) for x in xs]
    return same([join(out[at : at + 100]) for at in range(0, 1000, 100)])


@refused("itertools.islice() selects results")
@dag
def islice(xs):
    return join([a(x) for x in itertools.islice(xs, 10)])


@refused("unpacking selects some of the results")
@dag
def first_and_rest(xs):
    first, *rest = xs
    return join([a(first), *[a(x) for x in rest]])


@refused("ValueError while it was recorded with loops of 3 items")
@dag
def unpacked(xs):
    one, two = xs
    return join([a(one), a(two)])


@refused("uses results of two different items")
@dag
def unpacked_in_one_call(xs):
    one, two = xs
    return pair(a(one), a(two))


@refused("uses results of two different items")
@dag
def items_unpacked(xs):
    return join([pair(one, two) for one, two in xs])


@refused("not used in the same way for each item")
@dag
def first_result(xs):
    out = [a(x) for x in xs]
    return a(out[0])


@refused("not used in the same way for each item")
@dag
def last_result(xs):
    return a([a(x) for x in xs][-1])


@refused("not used in the same way for each item")
@dag
def left_over(xs):
    for x in xs:
        y = a(x)
    return b(y)


@refused("what it returns is not used in the same way")
@dag
def left_over_returned(xs):
    for x in xs:
        y = a(x)
    return y


@refused("not used in the same way for each item")
@dag
def first_item_case(xs):
    first = True
    out = []
    for x in xs:
        out.append(a(x) if first else b(x))
        first = False
    return join(out)


@refused("task 'join' is not used in the same way for each item")
@dag
def conditional_append(xs):
    out, flags = [], [True]
    for x in xs:
        y = a(x)
        if flags:
            flags.pop()
            out.append(y)
    return join(out)


@refused("not in the loop's order")
@dag
def reversed_results(xs):
    return join(list(reversed([a(x) for x in xs])))


@refused("not in the loop's order")
@dag
def reversed_argument(xs):
    return join(reversed([a(x) for x in xs]))


@refused("reverse it in a task")
@dag
def reversed_reference(xs):
    return [a(x) for x in reversed(xs)]


@refused("compare or sort in a task")
@dag
def sorted_results(xs):
    return join(sorted([a(x) for x in xs]))


@refused("compare or sort in a task")
@dag
def sorted_reference(xs):
    return join(sorted(xs))


@refused("not used in the same way for each item")
@dag
def first_of_each(xs):
    out = []
    for _ in xs:
        out.append(once())
    return join([out[0]])


@refused("changes what it records")
@dag
def literal_for_each(xs):
    out = []
    for _ in xs:
        out.append(1)
    return same([once(), *out])


@refused("changes what it records")
@dag
def results_around_a_loop_that_ignores_them(xs, ys):
    out = []
    for _ in [a(y) for y in ys]:
        for x in xs:
            out.append(b(x))
    return join(out)


# Loops that have to be equally long, of which no run would see that they are not


@refused("loops over parameter 'xs' and parameter 'ys' have to be equally long")
@dag
def zipped_results_used_apart(xs, ys):
    left, right = [], []
    for f, g in zip([a(x) for x in xs], [b(y) for y in ys], strict=False):
        left.append(a(f))
        right.append(b(g))
    return {"left": left, "right": right}


@refused("give the items of both to one task, or write one loop after the other")
@dag
def zipped_strictly_and_used_apart(xs, ys):
    pairs = list(zip([a(x) for x in xs], [b(y) for y in ys], strict=True))
    return {"left": join([f for f, _ in pairs]), "right": join([g for _, g in pairs])}


@refused("have to be equally long")
@dag
def zipped_results_of_which_the_first_are_used(xs, ys):
    return [a(f) for f, _ in zip([a(x) for x in xs], [b(y) for y in ys], strict=False)]


@refused("have to be equally long")
@dag
def zipped_results_of_which_the_last_are_used(xs, ys):
    return [a(g) for _, g in zip([a(x) for x in xs], [b(y) for y in ys], strict=False)]


@refused("loops over parameter 'ys' and parameter 'xs' have to be equally long")
@dag
def zipped_with_a_parameter_in_lists(xs, ys):
    results = [b(y) for y in ys]
    return join([g for _, g in zip(xs, results, strict=False)])


@refused("have to be equally long")
@dag
def mapped_over_results_of_two_loops(xs, ys):
    return list(map(lambda f, _: b(f), [a(x) for x in xs], [a(y) for y in ys]))


def in_step(left, right):
    return [f for f, _ in zip(left, right, strict=False)]


@refused("have to be equally long")
@dag
def zipped_in_a_function(xs, ys):
    return in_step([a(x) for x in xs], [b(y) for y in ys])


@refused("the result of 'same' and the result of 'same' have to be equally long")
@dag
def zipped_results_of_equal_names(xs, ys):
    left, right = same([a(x) for x in xs]), same([a(y) for y in ys])
    return in_step([b(x) for x in left], [b(y) for y in right])


@refused("the result of 'split' and parameter 'ys' have to be equally long")
@dag
def zipped_apart_in_a_loop(xs, ys):
    out = []
    for x in xs:
        out.append(in_step([a(part) for part in split(x)], [pair(x, y) for y in ys]))
    return out


@refused("have to be equally long")
@dag
def zipped_rows_of_one_list(xss):
    out = []
    for xs in xss:
        for ys in xss:
            left = [a(x) for x in xs]
            out.append(join(in_step(left, [pair(join(xs), y) for y in ys])))
    return out


@refused("'xs' and parameter 'ys' and parameter 'zs' have to be equally long")
@dag
def three_zipped_apart_beside_a_zip(xs, ys, zs, vs, ws):
    results = [[a(x) for x in xs], [a(y) for y in ys], [a(z) for z in zs]]
    both = [pair(v, w) for v, w in zip(vs, ws, strict=True)]
    return {"both": both, "first": [f for f, _, _ in zip(*results, strict=True)]}


# Loops left early


@refused("a break leaves a loop over results")
@dag
def left_by_break(xs):
    out = []
    for x in xs:
        out.append(a(x))
        break
    return join(out)


@refused("a return leaves a loop over results")
@dag
def left_by_return(xs):
    for x in xs:
        return a(x)
    return once()


@refused("does not run to its end")
@dag
def next_item(xs):
    return a(next(iter(xs)))


@refused("not used in the same way for each item")
@dag
def shorter_zip(xs):
    return join([pair(x, y) for x, y in zip(xs, ["one"], strict=False)])


@refused("do not run in step")
@dag
def iterators_out_of_step(xs, ys):
    ones, others = iter(xs), iter(ys)
    return join([pair(x, y) for x in ones for y in others])


# Questions about a value


@refused("an if looks at a result")
@dag
def truth(xs):
    if xs:
        return once()
    return a(xs)


@refused("an if looks at a result")
@dag
def truth_of_a_list(xs):
    out = [a(x) for x in xs]
    if out:
        return join(out)
    return once()


@refused("an 'and' or 'or' looks at a result")
@dag
def default_of_a_list(xs):
    return join([a(x) for x in xs] or ["none"])


@refused("a 'not' looks at a result")
@dag
def negated(x):
    return a(not x)


@refused("'is' looks at a result")
@dag
def compared_to_none(x):
    return a(x is None)


@refused("a comparison looks at a result")
@dag
def compared(x):
    return a(x == 1)


@refused("a comparison looks at a result")
@dag
def searched(x, xs):
    return a(x in xs)


@refused("isinstance() looks at a result")
@dag
def checked(x):
    return a(isinstance(x, int))


@refused("type() looks at a result")
@dag
def typed(x):
    return a(type(x).__name__)


def describe(value):
    return "none" if value is None else "some"


@refused("function 'describe', line")
@dag
def checked_in_a_function(x):
    return a(describe(x))


@refused("a while looks at a result")
@dag
def repeated(x):
    while x:
        x = a(x)
    return x


@refused("a try around tasks")
@dag
def tried(x):
    try:
        return a(x)
    except ValueError:
        return b(x)


@refused("a match on a result")
@dag
def matched(x):
    match x:
        case 1:
            return a(x)
    return b(x)


@refused("a 'with' over a result")
@dag
def entered(x):
    with x as y:
        return a(y)


@refused("a filter in a comprehension looks at a result")
@dag
def filtered(xs):
    return join([a(x) for x in xs if x])


@refused("an assert looks at a result")
@dag
def asserted(x):
    assert x
    return a(x)


@refused("cannot use the truth of parameter 'x'")
@dag
def truth_in_a_library(x):
    return a(next(filter(None, [x])))


@refused("cannot make a str of parameter 'x'")
@dag
def formatted(x):
    return a(f"{x}")


@refused("cannot make a str of the result of 'record'['name']")
@dag
def formatted_part():
    return a(str(record("r")["name"]))


@refused("shows a result as text")
@dag
def represented(x):
    return a(f"{x!r}")


@refused("cannot compute with parameter 'x'")
@dag
def computed(x):
    return a(1 + x)


@refused("cannot compute with")
@dag
def summed(xs):
    return a(sum(a(x) for x in xs))


@refused("cannot make a number of parameter 'x'")
@dag
def numbered(x):
    return a(math.sqrt(x))


@refused("cannot use in a set or as a dict key parameter 'x'")
@dag
def in_a_set(x):
    return a({x})


@refused("cannot call the result of 'once'.upper")
@dag
def method_called():
    return a(once().upper())


@refused("cannot change parameter 'x'")
@dag
def changed(x):
    x["key"] = 1
    return a(x)


@refused("cannot copy or pickle parameter 'x'")
@dag
def copied(x):
    return a(pickle.dumps(x))


@refused("use a str or int key")
@dag
def float_key(x):
    return a(x[1.5])


@refused("cannot take a part by another result of")
@dag
def key_of_a_result(x, y):
    return a(x[y])


@refused("cannot take a slice of parameter 'x'")
@dag
def slice_by_getitem(x):
    return a(x.__getitem__(slice(2)))


# Arguments


@refused("a dict that holds results is no argument")
@dag
def in_a_dict(x):
    return a({"key": x})


@refused("a tuple that holds results is no argument")
@dag
def in_a_tuple(x):
    return a((x, 1))


@dataclass
class Holder:
    value: Any


@refused("a Holder that holds results is no argument")
@dag
def in_an_object(x):
    return a(Holder(x))


@refused("a SimpleNamespace that holds results is no argument")
@dag
def in_a_namespace(x):
    return a(SimpleNamespace(value=x))


@refused("argument x is missing; it takes (x)")
@dag
def missing_argument():
    return a()


@refused("no argument 'z'; it takes (x)")
@dag
def unknown_argument(x):
    return a(x, z=1)


@refused("two values for 'x'; it takes (x)")
@dag
def argument_twice(x):
    return a(x, x=1)


@refused("2 positional arguments; it takes (x)")
@dag
def too_many_arguments(x):
    return a(x, x)


@refused("2 positional arguments; it takes (x, *, factor=, label=)")
@dag
def keyword_only_argument(x):
    return scale(x, 3)


@refused("'not a name' is no name of an argument")
@dag
def odd_keyword(x):
    return keywords(x, **{"not a name": 1})


@refused("a(x=...) is no JSON literal")
@dag
def object_argument():
    return a(object())


@refused("a(x=...) is no JSON literal")
@dag
def uncopyable_argument():
    return a(threading.Lock())


@refused("a(x=...) is no JSON literal")
@dag
def nan_argument():
    return a(float("nan"))


@refused("after= of 'b' takes results of tasks")
@dag
def after_a_parameter(x):
    return b.options(after=x)(x)


@refused("several nodes are named 'one'")
@dag
def named_twice(x):
    return pair(a.options(name="one")(x), b.options(name="one")(x))


@refused("node 'not a name' is no valid name")
@dag
def named_badly(x):
    return a.options(name="not a name")(x)


@refused("task 'a': Options: retries")
@dag
def bad_option(x):
    return a.options(retries=-1)(x)


@refused("task 'a': cache takes True, False or a text as part of the key, not 1")
@dag
def cache_of_another_type(x):
    return a.options(cache=1)(x)


@refused("task 'a': cache takes True, False or a text as part of the key, not ''")
@dag
def cache_without_a_label(x):
    return a.options(cache="")(x)


@refused("got an unexpected keyword argument 'retry'")
@dag
def unknown_option(x):
    return a.options(retry=1)(x)


@refused("unknown runtime 'airflw'; known: airflow")
@dag
def unknown_runtime(x):
    return a.options(runtime_options={"airflw": {}})(x)


@refused("unknown serializer 'pikle'; known: ")
@dag
def unknown_serializer(x):
    return b(a.options(serializer="pikle")(x))


# Pipelines


@refused("returns a tuple")
@dag
def returns_a_tuple(x):
    return a(x), b(x)


@refused("returns a mapping with the key 1")
@dag
def returns_int_keys(x):
    return {1: a(x)}


@refused("calls no task")
@dag
def calls_nothing(x):
    return x


@refused("pipeline 'calls_itself' calls itself")
@dag
def calls_itself(x):
    return calls_itself(a(x))


@refused("pipeline 'one_way' calls itself")
@dag
def one_way(x):
    return other_way(a(x))


@dag
def other_way(x):
    return one_way(a(x))


@dag
def gives_two(x):
    return {"a": a(x), "b": b(x)}


@refused("is read as a whole; it gives: a, b")
@dag
def nested_read_whole(x):
    return a(gives_two(x))


@refused("is read['c']; it gives: a, b")
@dag
def nested_without_key(x):
    return a(gives_two(x)["c"])


leaked: list[Any] = []


@dag
def leaking(x):
    leaked.append(a(x))
    return leaked[-1]


@refused("belongs to the build of another pipeline")
@dag
def reads_a_leak(x):
    leaking.build()
    return b(leaked[-1])


@refused("belongs to the build of another pipeline")
@dag
def loops_over_a_leak(x):
    leaking.build()
    return join([b(one) for one in leaked[-1]])


@refused("call it in the pipeline's function itself, in its thread")
@dag
def called_in_a_thread(x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(a, x).result()


@refused("carries a value from one item to the next")
@dag
def reduced(xs):
    return functools.reduce(pair, [a(x) for x in xs])


@refused("carries a value from one item to the next")
@dag
def pairs_of_neighbours(xs):
    out = [a(x) for x in xs]
    return join([pair(x, y) for x in out for y in out])
