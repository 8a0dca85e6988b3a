"""Outdoor weather: files, series, the air, the sun, and the mean of each day."""
