"""The building for its front end, as a BACnet device of our own: told, and asked for one thing at most."""
