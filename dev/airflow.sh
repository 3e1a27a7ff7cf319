#!/usr/bin/env bash
# Start a local Airflow (SQLite, no login, loopback only) with the examples as DAG files.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export PATH="$root/.venv/bin:$PATH"
export AIRFLOW_HOME="$root/.airflow"
port=${PORT:-8080}
export AIRFLOW__CORE__DAGS_FOLDER="$AIRFLOW_HOME/dags"
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
export AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False
export AIRFLOW__CORE__PARALLELISM=2
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:$port/execution/"
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT="$port"
export AIRFLOW__API__BASE_URL="http://127.0.0.1:$port"
export AIRFLOW__API__WORKERS=1
mkdir -p "$AIRFLOW__CORE__DAGS_FOLDER"
cp examples/*.py examples/airflow/*.py "$AIRFLOW__CORE__DAGS_FOLDER/"
rm -f "$AIRFLOW__CORE__DAGS_FOLDER/demo.py"
echo "Airflow will be at http://127.0.0.1:$port in about a minute; Ctrl-C ends it."
# Its children outlive it unless the whole process group is ended.
set -m
airflow standalone &
pid=$!
trap 'kill -TERM -- -$pid 2>/dev/null; sleep 5; kill -KILL -- -$pid 2>/dev/null; exit 0' INT TERM
wait $pid
