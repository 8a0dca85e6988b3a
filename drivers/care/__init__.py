"""What keeps a wire alive and a device unharmed: breaker, pacing, renewals, addresses and ports."""
