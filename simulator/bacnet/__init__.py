"""The simulated building on BACnet/IP: controllers, fronts by stack, and the wire before them."""
