"""A year of the building before anyone changes it: the daemon's engine and gateway on a physics model."""
