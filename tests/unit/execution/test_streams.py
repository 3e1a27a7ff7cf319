from dagger_providers.execution.streams import Stream


def test_loops_begin_anew() -> None:
    stream = Stream([1, 2, 3])
    assert [*stream, *stream] == [1, 2, 3, 1, 2, 3]


def test_after_a_next_it_goes_on() -> None:
    stream = Stream([1, 2, 3])
    assert next(stream) == 1
    assert list(stream) == [2, 3]
    assert list(stream) == []
