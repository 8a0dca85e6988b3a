"""What Prometheus sees of the building and of the supervisor."""

from supervisor.telling.metrics.collector import Metrics
from supervisor.telling.metrics.reference import metrics_reference
from supervisor.telling.metrics.timing import Timing

__all__ = ["Metrics", "Timing", "metrics_reference"]
