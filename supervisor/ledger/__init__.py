"""Meters and their energy: from what a register says to what was consumed, and how sure that is."""
