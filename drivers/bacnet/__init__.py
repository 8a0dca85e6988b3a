"""BACnet/IP: what both stacks share."""
