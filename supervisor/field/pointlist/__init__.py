"""The points of a site as a table: printed from the site file, and taken back into it."""
