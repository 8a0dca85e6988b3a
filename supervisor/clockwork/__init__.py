"""The site clock, and long work in slices."""
