"""`python -m supervisor.metrics` prints the reference page."""

import sys

from supervisor.metrics.reference import metrics_reference

sys.stdout.write(metrics_reference())
