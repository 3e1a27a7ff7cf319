#!/usr/bin/env bash
# A local Airflow with its UI, for looking at the examples: no login, sqlite, everything under .airflow.
# With arguments it runs that command of airflow instead: dev/airflow.sh dags list
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port="${PORT:-8080}"
export PATH="${BIN:-${PWD}/.venv/bin}:${PATH}"
export AIRFLOW_HOME="${AIRFLOW_HOME:-${PWD}/.airflow}"
export AIRFLOW__CORE__DAGS_FOLDER="${DAGS:-${PWD}/examples}"
export AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH="${AIRFLOW_HOME}/dag_bundles"
if [[ -z ${DAGS:-} ]]; then
    # The files in examples/airflow make DAGs by themselves, one of flight_delays.py; the others need no line.
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST="$(cat <<JSON
[{"name": "dags-folder", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {}},
 {"name": "pipelines", "classpath": "dagger_providers.airflow.bundles.PipelineBundle",
  "kwargs": {"path": "${PWD}/examples", "exclude": ["airflow/*", "demo.py", "flight_delays.py"]}}]
JSON
    )"
    export AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST
fi
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False
export AIRFLOW__CORE__PARALLELISM=2
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:${port}/execution/"
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT="${port}"
export AIRFLOW__API__BASE_URL="http://127.0.0.1:${port}"
export AIRFLOW__API__WORKERS=1

if [[ $# -gt 0 ]]; then
    exec airflow "$@"
fi

# Standalone leaves its children behind when it is ended: give it a process group, and end that.
setsid airflow standalone &
group=$!
trap 'kill -TERM -- "-${group}" 2>/dev/null; sleep 5; kill -KILL -- "-${group}" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
echo "Airflow starts (about a minute): http://127.0.0.1:${port}"
wait "${group}"
