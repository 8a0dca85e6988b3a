"""What Prometheus sees of the building and of the supervisor."""

from supervisor.telling.metrics.collector import Metrics
from supervisor.telling.metrics.reference import metrics_reference

__all__ = ["Metrics", "metrics_reference"]
