"""Run a list of jobs; see `dagger_providers.airflow.testing.jobs`."""

import sys

from dagger_providers.airflow.testing.jobs import main

sys.exit(main())
