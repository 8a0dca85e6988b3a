"""A building that is not there: its physics, its people, and its controllers on a real wire."""
