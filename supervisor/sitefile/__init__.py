"""Files of a site on disk; a daemon has them read in a process of their own."""
