#!/usr/bin/env bash
# Run tests/airflow with another version of Airflow: dev/test_airflow.sh VERSION [PYTEST ARGUMENTS]
# With CNCF=10.5.0, with that version of the Kubernetes provider too.
# What Airflow depends on is taken as it was in its days: a later release of it may not fit any more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version="${1:?name a version: make test-airflow VERSION=3.1.8}"
shift
case "${version}" in
    3.1.*) day=2026-04-15 ;;
    3.2.*) day=2026-06-20 ;;
    *) day=$(date +%F) ;;
esac

pins=("apache-airflow==${version}")
[[ -z ${CNCF:-} ]] || pins+=("apache-airflow-providers-cncf-kubernetes==${CNCF}")
venv=".venv-airflow-${version}${CNCF:+-cncf-${CNCF}}"
stamp="${venv}/.stamp"
if [[ ! -f ${stamp} || pyproject.toml -nt ${stamp} || dev/test_airflow.sh -nt ${stamp} ]]; then
    .venv/bin/python -m venv "${venv}"
    .venv/bin/uv pip install --quiet --compile-bytecode --python "${venv}/bin/python" \
        --exclude-newer "${day}" --requirements pyproject.toml --extra airflow \
        --extra airflow-docker --extra airflow-kubernetes --extra pandas --group test \
        --editable . "${pins[@]}"
    touch "${stamp}"
fi
"${venv}/bin/python" -m airflow version
exec "${venv}/bin/python" -m pytest -n 2 --dist loadfile "${@:-tests/airflow}"
