"""A handwritten DAG that mixes tasks of Airflow, of ours and a whole pipeline of ours.

Copy this file and ``taskflow_tasks.py`` into the dags folder.
"""

from airflow.sdk import dag, task
from taskflow_tasks import longest_word, summarize

from dagger_providers.airflow import as_task_group, as_taskflow, read_value


@task
def chapters() -> list[str]:
    """Run as any task of Airflow."""
    return ["to be or not\nto be", "that is\nthe question"]


@task.dagger
def shout(word: str) -> str:
    """Run by the node command; the file is found by its name, whatever Airflow calls its module."""
    return f"{word.upper()}!"


@task
def report(summaries: list, words: list[str]) -> None:
    """Print what the others found."""
    for summary in read_value(summaries):  # a dataclass travels as a reference
        print(summary)
    print(", ".join(words))


@dag(schedule=None, tags=["dagger"])
def taskflow():
    """Find long words in two ways."""
    texts = chapters()
    summaries = as_taskflow(summarize).expand(text=texts)
    word = as_task_group(longest_word)(chapter="{{ ti.xcom_pull('chapters') | last }}")
    report(summaries, [shout(word), shout.override(task_id="again")("done")])


taskflow()
