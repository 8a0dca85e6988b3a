"""Files of a site on disk."""
