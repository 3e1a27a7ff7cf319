"""A run record as a page for people: HTML and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; margin: 2rem; max-width: 60rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; color: #52606d; } code { font: 13px/1.4 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #e4e7eb; }
th { font-weight: 600; color: #52606d; } td.number, th.number { text-align: right; }
td code { overflow-wrap: anywhere; }
pre { background: #f5f7fa; padding: .75rem; overflow-x: auto; font-size: 13px; }
.status { border-radius: 1rem; padding: .1rem .6rem; font-size: .85rem; background: #e4e7eb; }
.succeeded { background: #d3f2dd; color: #0b6b2e; } .failed { background: #fbd5d5; color: #9b1c1c; }
.running { background: #dbeafe; color: #1e40af; }
""".strip()

_LONGEST = 200
"""Characters of a value that are shown."""


def html(record: Mapping[str, Any]) -> str:
    """Return a record as one page of HTML that needs no other file."""
    title = escape(f"{record['pipeline']} {record['run_id']}")
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(record['pipeline'])} {_badge(record['status'])}</h1>",
        f"<p>{escape(_about(record))}</p>",
        *_failure_html(record),
    ]
    for heading, columns, rows in _tables(record):
        head = "".join(f"<th{_align(name)}>{escape(name)}</th>" for name in columns)
        body = "".join(
            "<tr>"
            + "".join(_cell(name, value) for name, value in zip(columns, row, strict=True))
            + "</tr>"
            for row in rows
        )
        parts.append(f"<h2>{heading}</h2><table><tr>{head}</tr>{body}</table>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def markdown(record: Mapping[str, Any]) -> str:
    """Return a record as Markdown."""
    parts = [f"# {_plain(record['pipeline'])}: {record['status']}", _plain(_about(record))]
    failure = record.get("failure")
    if failure:
        parts.append(f"**{_plain(_failed(failure))}**")
        parts.append(f"```\n{str(failure.get('traceback', '')).rstrip()}\n```")
    for heading, columns, rows in _tables(record):
        lines = [columns, ["---:" if name in _NUMBERS else "---" for name in columns], *rows]
        table = "\n".join(f"| {' | '.join(_plain(str(one)) for one in line)} |" for line in lines)
        parts.append(f"## {heading}\n\n{table}")
    return "\n\n".join(parts) + "\n"


_NUMBERS = ("items", "seconds")


def _tables(record: Mapping[str, Any]) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Yield heading, columns and rows of what there is."""
    nodes = [
        [address, _state(node), _items(node), _seconds(node)]
        for address, node in record["nodes"].items()
    ]
    if nodes:
        yield "Nodes", ["node", "status", *_NUMBERS], nodes
    parameters = [[name, _short(value)] for name, value in record.get("parameters", {}).items()]
    if parameters:
        yield "Parameters", ["name", "value"], parameters
    outputs = [
        [name, f"sha256:{one['sha256'][:12]}", one.get("uri") or "of several nodes"]
        for name, one in record.get("outputs", {}).items()
    ]
    if outputs:
        yield "Outputs", ["name", "identity", "place"], outputs


def _state(node: Mapping[str, Any]) -> str:
    told = [f"{node[word]} {word.replace('_', ' ')}" for word in ("cached", "left_out")
            if node.get(word)]  # fmt: skip
    return f"{node['status']} ({', '.join(told)})" if told else str(node["status"])


def _items(node: Mapping[str, Any]) -> str:
    return f"{node['done']} of {'?' if node['items'] is None else node['items']}"


def _seconds(node: Mapping[str, Any]) -> str:
    """Return how long a node took; nothing where only the store was asked."""
    return f"{node['seconds']:.2f}" if "seconds" in node else ""


def _about(record: Mapping[str, Any]) -> str:
    started, finished = record.get("started", ""), record.get("finished", "")
    took = ""
    if started and finished:
        seconds = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
        took = f", {seconds.total_seconds():.1f} s"
    begun = f", started {started[:19].replace('T', ' ')} UTC" if started else ""
    return f"Run {record['run_id']} on {record['runtime']}{begun}{took}"


def _failed(failure: Mapping[str, Any]) -> str:
    item = f"[{failure['index']}]" if failure.get("index") else ""
    return f"{failure['node']}{item}: {failure['type']}: {failure['message']}"


def _failure_html(record: Mapping[str, Any]) -> list[str]:
    failure = record.get("failure")
    if not failure:
        return []
    trace = escape(str(failure.get("traceback", "")).rstrip())
    return [f"<h2>Failure</h2><p>{escape(_failed(failure))}</p><pre>{trace}</pre>"]


def _badge(status: str) -> str:
    return f'<span class="status {escape(status.partition(" ")[0])}">{escape(status)}</span>'


def _align(column: str) -> str:
    return ' class="number"' if column in _NUMBERS else ""


def _cell(column: str, value: str) -> str:
    if column == "status":
        shown = _badge(value)
    else:
        shown = escape(value) if column in _NUMBERS else f"<code>{escape(value)}</code>"
    return f"<td{_align(column)}>{shown}</td>"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _plain(text: str) -> str:
    """Return text that Markdown takes for text, in one line."""
    return escape(" ".join(text.split()), quote=False).replace("|", "\\|").replace("`", "\\`")
