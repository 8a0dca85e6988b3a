"""`python -m supervisor.telling.metrics` prints the reference page."""

import sys

from supervisor.telling.metrics.reference import metrics_reference

sys.stdout.write(metrics_reference())
