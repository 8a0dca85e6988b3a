"""Pure time: working days, opening hours, overtime and seasons. No clock and no I/O: time is an argument."""
