"""Readings, and field protocols behind one small Protocol."""
