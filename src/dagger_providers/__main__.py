"""Make ``python -m dagger_providers`` the same as ``dagger-providers``."""

import sys

from dagger_providers.cli import main

sys.exit(main())
