"""Hooks: what tasks reach by an Airflow connection."""
