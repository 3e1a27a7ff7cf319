"""The DAG of the screenshots."""

from flights import flight_report

from dagger_providers.airflow import to_airflow

dag = to_airflow(flight_report)
