"""The whole daemon on a virtual clock against a building that misbehaves, with an oracle beside it."""
