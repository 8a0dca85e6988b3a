"""Into an existing building: what its devices say of themselves becomes a site file to begin with."""
