#!/usr/bin/env bash
# Whether another release of KFP's SDK loads what we compile, and compiles it to the same again.
# Usage: dev/test_kfp.sh 2.14.6
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?which release of kfp, such as 2.14.6}
place=".venv-kfp-${version}"
compiled=$(mktemp -d)
trap 'rm -rf "${compiled}"' EXIT

if [[ ! -x ${place}/bin/python ]]; then
    .venv/bin/uv venv --quiet --python .venv/bin/python "${place}"
    # What such a release asks for changes from day to day; only itself is named.
    .venv/bin/uv pip install --quiet --python "${place}/bin/python" --compile-bytecode \
        "kfp==${version}" || { rm -rf "${place}"; exit 1; }
fi
.venv/bin/python dev/kfp_documents.py write "${compiled}"
"${place}/bin/python" -W ignore dev/kfp_documents.py reload "${compiled}"
