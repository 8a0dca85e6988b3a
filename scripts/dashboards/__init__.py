"""The dashboards of deploy/grafana, built through Grafana's own SDK: what they ask, and how it is shown."""
