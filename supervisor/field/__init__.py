"""The devices out there: read, recognised, commissioned."""
