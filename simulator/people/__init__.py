"""People: their habits, who is where, and what kind they are."""
