"""The building's own model: the built-in plant fitted to what the building recorded, with its spread."""
