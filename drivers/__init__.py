"""Readings, and field protocols behind two small Protocols: one reads, one writes."""

from config import lean as lean
