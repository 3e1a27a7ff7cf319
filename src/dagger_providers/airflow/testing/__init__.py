"""Run pipelines by `dag.test()` in an Airflow of their own: no scheduler, no server, no traces.

The first run in a process costs several seconds, later ones a fraction of a second for each task:
run many pipelines per process. ``python -m dagger_providers.airflow.testing`` is one; see
`dagger_providers.airflow.testing.jobs`.
"""

from dagger_providers.airflow.testing.home import isolate
from dagger_providers.airflow.testing.runs import AirflowRun, TaskRun, execute, run_dag_test

__all__ = ["AirflowRun", "TaskRun", "execute", "isolate", "run_dag_test"]
