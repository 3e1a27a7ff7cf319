"""Flight delays on Airflow: copy this file and ``flight_delays.py`` into the dags folder."""

from flight_delays import delays

from dagger_providers.airflow import to_airflow

dag = to_airflow(delays)
