"""The site clock, long work in slices, and the door: what keeps the loop from being used up."""
