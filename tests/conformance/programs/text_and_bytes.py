"""Text and bytes as files of their own, also item by item."""

from dagger_providers import dag, task

DRAWING = "page (text), data (bytes), chunks (list of bytes) -> [size] -> sizes"


@task(serializer="text")
def page(title: str) -> str:
    return f"# {title}\r\n\n\u00e9\u4e16\U0001f409\n"


@task
def data(text: str) -> bytes:
    return text.encode() + bytes(range(256))


@task
def chunks(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@task
def size(chunk: bytes) -> int:
    return len(chunk)


@task
def joined(parts: list[bytes], sizes: list[int]) -> bytes:
    return b"|".join([*parts, str(sizes).encode()])


@dag
def text_and_bytes(title: str):
    text = page(title)
    parts = chunks(data(text), 150)
    return {"text": text, "parts": parts, "joined": joined(parts, [size(part) for part in parts])}


_TEXT = "# T\r\n\n\u00e9\u4e16\U0001f409\n"
_DATA = _TEXT.encode() + bytes(range(256))

PIPELINE = text_and_bytes
RUNS = [
    (
        {"title": "T"},
        {
            "text": _TEXT,
            "parts": [_DATA[:150], _DATA[150:]],
            "joined": _DATA[:150] + b"|" + _DATA[150:] + b"|[150, 122]",
        },
    )
]
