"""The daemon: a pure core, and the shell around it."""

__version__ = "0.1.0"

from config import lean as lean
