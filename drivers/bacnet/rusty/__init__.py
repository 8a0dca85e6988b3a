"""The fast stack: rusty-bacnet."""
