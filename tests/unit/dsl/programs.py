"""Pipelines that mean what their plain call computes, whatever the lists hold."""

from __future__ import annotations

from itertools import chain, product, starmap
from typing import Any

from dagger_providers import dag
from unit.dsl.traced import (
    a,
    b,
    c,
    join,
    keywords,
    letters,
    once,
    pair,
    record,
    same,
    scale,
    split,
    triple,
)

# One loop


@dag
def interleaved(xs: list[str]) -> Any:
    out = []
    for x in xs:
        out.append(a(x))
        out.append(b(x))
    return join(out)


@dag
def concatenated(xs: list[str]) -> Any:
    first, second = [], []
    for x in xs:
        first.append(a(x))
        second.append(b(x))
    return join(first + second)


@dag
def interleaved_of_one_task(xs: list[str]) -> Any:
    out = []
    for x in xs:
        out += [a(x), a(x)]
    return join(out)


@dag
def several_steps(xs: list[str]) -> Any:
    return join([c(b(a(x))) for x in xs])


@dag
def shared_step(xs: list[str]) -> Any:
    out = []
    for x in xs:
        y = a(x)
        out.append(pair(b(y), c(y)))
    return join(out)


@dag
def mapped_again(xs: list[str]) -> Any:
    first = [a(x) for x in xs]
    second = [b(x) for x in first]
    return {"first": first, "joined": join(second), "again": [c(x) for x in second]}


@dag
def two_loops_over_one(xs: list[str]) -> Any:
    values = same(xs)
    return {"m": join([a(x) for x in values]), "q": join([b(x) for x in values])}


@dag
def two_fan_ins(xs: list[str]) -> Any:
    found = [a(x) for x in same(xs)]
    return {"one": join(found), "two": same(found), "raw": found}


@dag
def iterated_and_whole(xs: list[str]) -> Any:
    values = same(xs)
    return pair(join([a(x) for x in values]), join(values))


@dag
def key_iterated_and_whole() -> Any:
    found = record("r")
    return pair(join([a(x) for x in found["parts"]]), join(found["parts"]))


@dag
def broadcast(xs: list[str], ys: list[str]) -> Any:
    whole = [a(y) for y in ys]
    return join([pair(x, join(whole)) for x in xs])


@dag
def fan_in_in_a_loop(xs: list[str], ys: list[str]) -> Any:
    whole = [a(y) for y in ys]
    out = []
    for x in xs:
        out.append(pair(x, same([x, *whole, "end"])))
    return out


@dag
def literals_in_a_list(xs: list[str]) -> Any:
    first = once()
    return same([first, 1, "two", [3, first], None, *[a(x) for x in xs], 4.5])


@dag
def item_itself(xs: list[str]) -> Any:
    return join([x for x in xs])


@dag
def item_parts(xs: list[str]) -> Any:
    records = [record(x) for x in xs]
    return join([pair(r["name"], r["deep"]["k"]) for r in records])


@dag
def repeated_in_python(xs: list[str]) -> Any:
    out = []
    for label in ["p", "q"]:
        for x in xs:
            out.append(scale(x, label=label))
    return join(out)


@dag
def literal_loop_inside(xs: list[str]) -> Any:
    out = []
    for x in xs:
        for label in ["p", "q"]:
            out.append(scale(x, label=label))
    return join(out)


@dag
def generator_argument(xs: list[str]) -> Any:
    return join(a(x) for x in xs)


@dag
def mapped_function(xs: list[str]) -> Any:
    return join(map(a, xs))


@dag
def keyword_arguments(xs: list[str]) -> Any:
    return join([keywords(x, first=once(), second=2) for x in xs])


@dag
def loop_variable_reused(xs: list[str]) -> Any:
    out = [a(x) for x in xs]
    out += [b(x) for x in xs]
    return join(out)


@dag
def chained(xs: list[str], ys: list[str]) -> Any:
    return join([a(x) for x in chain(xs, ys)])


@dag
def by_python_key(xs: list[str]) -> Any:
    lists: dict[str, list[Any]] = {"a": [], "b": []}
    for x in xs:
        lists["a"].append(a(x))
        lists["b"].append(b(x))
    return {name: join(values) for name, values in lists.items()}


@dag
def unused_loop(xs: list[str]) -> Any:
    for x in xs:
        a(x)
    return once()


# Loops in loops


@dag
def nested_outer_first(xs: list[str], ys: list[str]) -> Any:
    return join([pair(x, y) for x in xs for y in ys])


@dag
def nested_inner_first(xs: list[str], ys: list[str]) -> Any:
    return join([pair(x, y) for y in ys for x in xs])


@dag
def joined_inside(xs: list[str], ys: list[str]) -> Any:
    return join([join([pair(x, y) for y in ys]) for x in xs])


@dag
def rows(xs: list[str], ys: list[str]) -> Any:
    return same([[pair(x, y) for y in ys] for x in xs])


@dag
def columns(xs: list[str], ys: list[str]) -> Any:
    return same([[pair(x, y) for x in xs] for y in ys])


@dag
def over_results(xs: list[str]) -> Any:
    out = []
    for x in xs:
        for part in split(x):
            out.append(pair(x, part))
    return join(out)


@dag
def joined_only_outside(xs: list[str]) -> Any:
    inner = []
    for x in xs:
        for part in split(x):
            inner.append(a(part))
    return join(inner)


@dag
def joined_at_each_level(xs: list[str]) -> Any:
    tops = []
    everything = []
    for x in xs:
        middles = []
        for part in split(x):
            smalls = []
            for small in split(part):
                found = triple(x, part, small)
                smalls.append(found)
                everything.append(found)
            middles.append(join(smalls))
        tops.append(join(middles))
    return {"tops": join(tops), "all": join(everything)}


@dag
def inner_results_mapped_outside(xs: list[str]) -> Any:
    lists = []
    for x in xs:
        lists.append([a(part) for part in split(x)])
    return join([join([b(one) for one in found]) for found in lists])


@dag
def mixed_levels(xs: list[str]) -> Any:
    out = []
    for x in xs:
        out.append(a(x))
        for part in split(x):
            out.append(b(part))
        out.append(c(x))
    return join(out)


@dag
def square(xs: list[str]) -> Any:
    return join([pair(x, y) for x in xs for y in xs])


@dag
def crossed(xs: list[str], ys: list[str]) -> Any:
    return join([pair(x, y) for x, y in product(xs, ys)])


@dag
def items_of_items(xss: list[list[str]]) -> Any:
    return same([[a(x) for x in xs] for xs in xss])


@dag
def parts_looped_inside() -> Any:
    out = []
    for name in letters(3):
        found = record(name)
        for part in found["parts"]:
            out.append(pair(found["name"], part))
    return join(out)


# A list of results around another loop


@dag
def results_around_a_loop(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    return join([pair(m, x) for m in models for x in xs])


@dag
def results_around_a_loop_joined(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    out = []
    for m in models:
        out.append(pair(m, join([pair(m, x) for x in xs])))
    return same(out)


@dag
def results_around_an_independent_loop(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    out = []
    for m in models:
        out.append(pair(m, join([b(x) for x in xs])))
    return same(out)


@dag
def results_around_a_call(ys: list[str]) -> Any:
    out = []
    for m in [a(y) for y in ys]:
        first = once()
        out.append(triple(m, first, b(first)))
    return same(out)


@dag
def results_around_results_around_a_loop(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    others = [b(x) for x in xs]
    return join([triple(m, o, x) for m in models for o in others for x in xs])


@dag
def results_around_two_loops(xs: list[str], ys: list[str]) -> Any:
    out = []
    for m in [a(y) for y in ys]:
        for x in xs:
            for part in split(x):
                out.append(triple(m, x, part))
    return join(out)


@dag
def results_around_a_loop_around_a_call(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    out = []
    for m in models:
        for x in xs:
            for z in same(models):
                out.append(triple(m, x, z))
                out.append(pair(m, once()))
    return join(out)


@dag
def call_in_a_loop_over_listed_items(xss: list[list[str]]) -> Any:
    lists = [xs for xs in xss]
    return join([pair(x, once()) for xs in lists for x in xs])


@dag
def results_squared(ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    return join([pair(m, n) for m in models for n in [b(y) for y in ys]])


# Results zipped, and sources zipped


@dag
def zipped(xs: list[str]) -> Any:
    ys = same(xs)
    return join([pair(x, y) for x, y in zip(xs, ys, strict=True)])


@dag
def zipped_three(xs: list[str]) -> Any:
    return join([triple(x, y, z) for x, y, z in zip(xs, same(xs), xs, strict=True)])


@dag
def zipped_in_a_loop(ys: list[str], xs: list[str]) -> Any:
    out = []
    for y in ys:
        for x, z in zip(xs, same(xs), strict=True):
            out.append(triple(y, x, z))
    return join(out)


@dag
def zipped_items_used_alone(xs: list[str]) -> Any:
    left, right = [], []
    for x, y in zip(xs, same(xs), strict=True):
        left.append(a(x))
        right.append(b(y))
    return join(left + right)


@dag
def zipped_generators(xs: list[str]) -> Any:
    pairs = zip((a(x) for x in xs), (b(y) for y in same(xs)), strict=True)
    return join([pair(x, y) for x, y in pairs])


@dag
def zipped_results(xs: list[str]) -> Any:
    left = [a(x) for x in xs]
    right = [b(y) for y in same(xs)]
    return join([pair(x, y) for x, y in zip(left, right, strict=True)])


@dag
def zipped_results_of_one_loop(xs: list[str]) -> Any:
    left = [a(x) for x in xs]
    right = [b(x) for x in xs]
    return join([pair(x, y) for x, y in zip(left, right, strict=True)])


@dag
def zipped_reference_and_results(xs: list[str]) -> Any:
    right = [b(y) for y in same(xs)]
    return join([pair(x, y) for x, y in zip(xs, right, strict=True)])


@dag
def zipped_results_and_reference(xs: list[str]) -> Any:
    right = [b(y) for y in same(xs)]
    return join([pair(x, y) for x, y in zip(right, xs, strict=True)])


@dag
def zipped_inside_results(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    out = []
    for m in models:
        for x, _ in zip(xs, xs, strict=True):
            out.append(pair(m, b(x)))
    return join(out)


@dag
def zipped_inside_results_for_the_second(xs: list[str], ys: list[str]) -> Any:
    models = [a(y) for y in ys]
    return join([pair(m, z) for m in models for _, z in zip(xs, same(xs), strict=True)])


@dag
def zipped_results_then_more(xs: list[str]) -> Any:
    left = [a(x) for x in xs]
    right = [b(y) for y in same(xs)]
    out = []
    for x, y in zip(left, right, strict=True):
        first = pair(x, y)
        out.append(triple(first, c(x), c(y)))
    return join(out)


@dag
def zipped_with_outer_results(xs: list[str], ys: list[str]) -> Any:
    outer = [a(x) for x in xs]
    out = []
    for y in ys:
        found = []
        for x, z in zip(outer, same(outer), strict=True):
            found.append(triple(y, x, z))
        out.append(join(found))
    return join(out)


@dag
def zipped_with_parts_of_outer_items(xs: list[str], ys: list[str]) -> Any:
    outer = [split(x) for x in xs]
    out = []
    for y in ys:
        for parts, z in zip(outer, same(outer), strict=True):
            for part in parts:
                out.append(triple(y, part, join(z)))
    return join(out)


@dag
def zipped_results_of_one_list_used_alone(xs: list[str]) -> Any:
    left, right = [a(x) for x in same(xs)], [b(x) for x in same(xs)]
    found, first = [], []
    for x, y in zip(left, right, strict=True):
        first.append(c(x))
        found.append(y)
    return {"first": first, "found": join(found)}


@dag
def zipped_results_used_together_and_alone(xs: list[str]) -> Any:
    left, right = [a(x) for x in xs], [b(y) for y in same(xs)]
    both = [pair(x, y) for x, y in zip(left, right, strict=True)]
    return {"both": both, "first": [c(x) for x, _ in zip(left, right, strict=True)]}


@dag
def loops_of_unlike_lengths(xs: list[str], ys: list[str]) -> Any:
    left, right = [a(x) for x in xs], [b(y) for y in ys]
    out = []
    for f in left:
        rows = [pair(f, g) for g in right]
        out.append(join(rows))
    for g in (c(g) for g in right):
        out.append(g)
    again = [join([f, *right]) for f in left]
    return {"out": out, "all": join(chain(left, right, again)), "split": [split(x) for x in xs]}


# What a zip made, zipped again


@dag
def zipped_with_its_source(xs: list[str]) -> Any:
    out = [pair(x, y) for x, y in zip(xs, same(xs), strict=True)]
    return [pair(o, x) for o, x in zip(out, xs, strict=True)]


@dag
def zipped_behind_its_source(xs: list[str]) -> Any:
    ys = same(xs)
    out = [pair(x, y) for x, y in zip(xs, ys, strict=True)]
    return join([pair(y, o) for y, o in zip(ys, out, strict=True)])


@dag
def zipped_between_its_sources(xs: list[str]) -> Any:
    ys = same(xs)
    out = [pair(x, y) for x, y in zip(xs, ys, strict=True)]
    return join([triple(x, o, y) for x, o, y in zip(xs, out, ys, strict=True)])


@dag
def zipped_with_results_and_their_source(xs: list[str]) -> Any:
    left = [a(x) for x in xs]
    out = [pair(x, y) for x, y in zip(left, same(xs), strict=True)]
    return join([triple(o, x, m) for o, x, m in zip(out, xs, left, strict=True)])


@dag
def zipped_again_and_again(xs: list[str]) -> Any:
    out = list(xs)
    for _ in range(3):
        out = [pair(o, x) for o, x in zip(out, xs, strict=True)]
    return join(out)


@dag
def zipped_from_two_zips(xs: list[str]) -> Any:
    ys = same(xs)
    one = [pair(x, y) for x, y in zip(xs, ys, strict=True)]
    other = [pair(y, x) for x, y in zip(xs, ys, strict=True)]
    return join([triple(o, p, y) for o, p, y in zip(one, other, ys, strict=True)])


@dag
def zipped_with_what_is_made_of_it(xs: list[str]) -> Any:
    first = [pair(x, y) for x, y in zip(xs, same(xs), strict=True)]
    second = [pair(o, z) for o, z in zip(first, same(first), strict=True)]
    third = [triple(o, z, x) for o, z, x in zip(second, same(second), xs, strict=True)]
    every = [triple(o, p, q) for o, p, q in zip(first, second, third, strict=True)]
    return {"first": first, "third": third, "every": every}


@dag
def zipped_with_its_source_in_a_loop(xs: list[str], zs: list[str]) -> Any:
    rows = []
    for z in zs:
        out = [triple(x, y, z) for x, y in zip(xs, same(xs), strict=True)]
        rows.append([pair(o, x) for o, x in zip(out, xs, strict=True)])
    return rows


@dag
def zipped_with_its_source_outside_a_loop(xs: list[str], zs: list[str]) -> Any:
    out = [pair(x, y) for x, y in zip(xs, same(xs), strict=True)]
    return [triple(o, x, z) for z in zs for o, x in zip(out, xs, strict=True)]


@dag
def zipped_with_its_source_around_loops(xs: list[str], zs: list[str]) -> Any:
    out = [pair(x, y) for x, y in zip(xs, same(xs), strict=True)]
    found = []
    for o, x in zip(out, xs, strict=True):
        for part in split(o):
            found.append(triple(part, x, o))
        found.append(join([pair(x, z) for z in zs]))
    return found


@dag
def zipped_with_its_source_inside_a_loop_over_it(xs: list[str]) -> Any:
    rows = []
    for x in xs:
        ys = split(x)
        out = [pair(y, z) for y, z in zip(ys, same(ys), strict=True)]
        rows.append(join([pair(o, y) for o, y in zip(out, ys, strict=True)]))
    return rows


@dag
def mapped_beside_its_source(xs: list[str]) -> Any:
    out = list(map(pair, xs, same(xs)))
    return list(map(pair, out, xs))


# Zipped results that only a list holds together


@dag
def zipped_in_lists(xs: list[str]) -> Any:
    left = [a(x) for x in xs]
    return join([[x, y] for x, y in zip(left, same(xs), strict=True)])


@dag
def zipped_in_lists_of_lists(xs: list[str]) -> Any:
    ys, zs = same(xs), same([*map(b, xs)])
    left, right = [a(x) for x in xs], [b(y) for y in ys]
    return [[z, [x, "and", y], 1] for x, y, z in zip(left, right, zs, strict=True)]


@dag
def zipped_one_after_the_other(xs: list[str]) -> Any:
    left, right = [a(x) for x in xs], [b(y) for y in same(xs)]
    found = [once()]
    for x, y in zip(left, right, strict=True):
        found += [x, c(y)]
        found.append(y)
    return join(found + left + found)


@dag
def zipped_in_lists_inside_a_loop(xs: list[str], zs: list[str]) -> Any:
    left, ys = [a(x) for x in xs], same(xs)
    joined = [join([[x, y, z] for x, y in zip(left, ys, strict=True)]) for z in zs]
    listed = same([[[x, y, z] for x, y in zip(left, ys, strict=True)] for z in zs])
    made = [join([[x, y] for x, y in zip(map(pair, xs, xs), ys, strict=True)]) for _ in zs]
    return {"joined": joined, "listed": listed, "made": made}


@dag
def zip_and_its_source_in_lists(xs: list[str]) -> Any:
    out = [pair(x, y) for x, y in zip(xs, same(xs), strict=True)]
    return same([[o, x] for o, x in zip(out, xs, strict=True)])


@dag
def lists_of_a_zip_zipped(xs: list[str]) -> Any:
    left, ys = [a(x) for x in xs], same(xs)
    rows = [[x, y] for x, y in zip(left, ys, strict=True)]
    return [pair(join(row), y) for row, y in zip(rows, ys, strict=True)]


@dag
def computed_lists_zipped(xs: list[str], zs: list[str]) -> Any:
    left = [*(a(x) for x in xs), once(), *(b(z) for z in zs)]
    right = [*(c(x) for x in xs), "literal", *(a(z) for z in zs)]
    ones = ["one" for _ in xs]
    found = [pair(x, y) for x, y in zip(left, right, strict=True)]
    return {"found": found, "ones": [pair(x, n) for x, n in zip(left, ones, strict=False)]}


# Literals between the results of a loop


@dag
def literals_between_results(xs: list[str]) -> Any:
    behind, before = [], []
    for x in xs:
        behind += [a(x), "behind"]
        before += ["before", 1, a(x)]
    return {"behind": join(behind), "before": join(before), "both": join(before + behind)}


@dag
def iterators_as_arguments(xs: list[str], ys: list[str]) -> Any:
    left, right = [a(x) for x in xs], [b(y) for y in ys]
    chained = join(chain(left, right))
    paired = join(starmap(pair, [("x", r) for r in right]))
    return [chained, paired, join(iter(left)), join(reversed((once(), "last")))]


# Nested pipelines


@dag
def inner(x: str, suffix: str = "!") -> Any:
    return pair(a(x), suffix)


@dag
def inner_keys(x: str) -> Any:
    found = record(x)
    return {"name": found["name"], "both": [found["name"], b(x)], "parts": found["parts"]}


@dag
def inner_map(x: str, ys: list[str]) -> Any:
    return join([pair(part, y) for part in split(x) for y in ys])


@dag
def inner_list(x: str) -> Any:
    return [a(part) for part in split(x)]


@dag
def nested_twice(xs: list[str]) -> Any:
    return pair(inner("one"), inner("two", suffix=join([a(x) for x in xs])))


@dag
def nested_mapped(xs: list[str]) -> Any:
    return join([inner(x) for x in xs])


@dag
def nested_map_mapped(xs: list[str], ys: list[str]) -> Any:
    return join([inner_map(x, ys) for x in xs])


@dag
def nested_key_read(xs: list[str]) -> Any:
    out = []
    for x in xs:
        found = inner_keys(x)
        out.append(pair(found["name"], join(found["both"])))
        for part in found["parts"]:
            out.append(c(part))
    return join(out)


@dag
def nested_result_iterated(xs: list[str]) -> Any:
    out = []
    for x in xs:
        for one in inner_list(x):
            out.append(pair(x, b(one)))
    return join(out)


@dag
def middle(xs: list[str], suffix: str) -> Any:
    return join([inner(x, suffix) for x in xs])


@dag
def nested_three_deep(xs: list[str], ys: list[str]) -> Any:
    return same([middle(xs, y) for y in ys])


# Results of pipelines


@dag
def returns_nested_lists(xs: list[str], ys: list[str]) -> Any:
    return [[pair(x, y) for y in ys] for x in xs]


@dag
def returns_parts() -> Any:
    found = record("r")
    return {"whole": found, "name": found["name"], "deep": found["deep"]["k"]}


@dag
def returns_parameter(xs: list[str]) -> Any:
    return {"xs": xs, "one": once(), "literal": [1, None, "x"]}


@dag
def returns_nothing(xs: list[str]) -> Any:
    for x in xs:
        a(x)
