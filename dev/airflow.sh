#!/usr/bin/env bash
# A local Airflow with its UI, for looking at the examples: no login, sqlite, everything under .airflow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port="${PORT:-8080}"
export PATH="${PWD}/.venv/bin:${PATH}"
export AIRFLOW_HOME="${AIRFLOW_HOME:-${PWD}/.airflow}"
export AIRFLOW__CORE__DAGS_FOLDER="${DAGS:-${PWD}/examples}"
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False
export AIRFLOW__CORE__PARALLELISM=2
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:${port}/execution/"
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT="${port}"
export AIRFLOW__API__BASE_URL="http://127.0.0.1:${port}"
export AIRFLOW__API__WORKERS=1

# Standalone leaves its children behind when it is ended: give it a process group, and end that.
setsid airflow standalone &
group=$!
trap 'kill -TERM -- "-${group}" 2>/dev/null; sleep 5; kill -KILL -- "-${group}" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
echo "Airflow starts (about a minute): http://127.0.0.1:${port}"
wait "${group}"
