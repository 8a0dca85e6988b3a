"""The pure core: views in, decisions out. No clock, no loop, no logging, no I/O."""
