"""How hard the property tests of this folder try: `DATELINE_FUZZ=2000 pytest tests/fuzz` for so many examples each."""

import os

from hypothesis import HealthCheck, settings

QUICK = 60
FUZZ = settings(
    max_examples=int(os.environ.get("DATELINE_FUZZ", QUICK)),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
