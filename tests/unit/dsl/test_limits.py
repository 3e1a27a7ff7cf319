"""A limit on the number of items is refused, however it is written and however high it is."""

import itertools
from collections import deque
from typing import Any

import pytest

from dagger_providers import dag, task
from dagger_providers.errors import BuildError


@task
def square(x: int) -> int:
    return x * x


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@dag
def zip_with_a_range(xs: list[int]) -> Any:
    return [square(x) for _, x in zip(range(12), xs, strict=False)]


@dag
def zip_with_a_list(xs: list[int]) -> Any:
    return [add(x, weight) for x, weight in zip(xs, [1, 1, 1, 1], strict=False)]


@dag
def results_zipped_with_text(xs: list[int]) -> Any:
    results = [square(x) for x in xs]
    return total([result for result, _ in zip(results, "abcdefgh", strict=False)])


@dag
def named_by_letters(xs: list[int]) -> Any:
    results = {}
    for name, x in zip("abcd", xs, strict=False):
        results[name] = square(x)
    return total(list(results.values()))


@dag
def mapped_beside_a_list(xs: list[int]) -> Any:
    return list(map(lambda x, _: square(x), xs, [0] * 5))


@dag
def last_four(xs: list[int]) -> Any:
    results = deque(maxlen=4)
    for x in xs:
        results.append(square(x))
    return total(list(results))


@dag
def put_at_a_place(xs: list[int]) -> Any:
    results: list[Any] = []
    for x in xs:
        results.insert(3, square(x))
    return results


@dag
def counted_elsewhere(xs: list[int]) -> Any:
    counter = itertools.count()
    return [square(x) if next(counter) < 9 else add(x, 1) for x in xs]


@dag
def slice_by_name(xs: list[int]) -> Any:
    results = [square(x) for x in xs]
    first_four = slice(4)
    return total(results[first_four])


@dag
def only_the_key_return_value(x: int) -> Any:
    return {"return_value": square(x)}


LIMITED = [
    zip_with_a_range,
    zip_with_a_list,
    results_zipped_with_text,
    named_by_letters,
    mapped_beside_a_list,
    last_four,
    put_at_a_place,
    counted_elsewhere,
    slice_by_name,
]


@pytest.mark.parametrize("pipeline", LIMITED, ids=lambda pipeline: pipeline.__name__)
def test_a_limit_is_refused(pipeline: Any) -> None:
    reasons = "some of a loop's results|run to its end|number of items|in the same way|looks at"
    with pytest.raises(BuildError, match=reasons):
        pipeline.build()


def test_a_mapping_of_nothing_but_the_return_value_is_refused() -> None:
    with pytest.raises(BuildError, match="return the value"):
        only_the_key_return_value.build()
