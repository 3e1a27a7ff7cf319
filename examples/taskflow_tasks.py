"""Tasks of ``taskflow_dag.py``; this file imports no Airflow: their processes start fast."""

from dataclasses import dataclass

from dagger_providers import dag, task


@dataclass
class Summary:
    """What is found in a text."""

    words: int
    longest: str


@task(retries=2)
def summarize(text: str) -> Summary:
    """Count words, and find the longest."""
    found = text.split()
    return Summary(len(found), max(found, key=len))


@task
def longest(summaries: list[Summary]) -> str:
    """Return the longest word of all."""
    return max((summary.longest for summary in summaries), key=len)


@task
def pages_of(chapter: str) -> list[str]:
    """Split a chapter into its pages."""
    return chapter.split("\n")


@dag
def longest_word(chapter: str):
    """Find the longest word of a chapter, page by page."""
    return longest([summarize(page) for page in pages_of(chapter)])
