"""A BACnet device that is served: what it has, how it answers, and whom it tells of changes. Stacks only carry it."""
