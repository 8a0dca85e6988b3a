"""How long a stop takes: figures that the command line shows without loading the daemon."""

PROMISE = 4.5
"""s in which every slot is let go at a stop whose controller answers: the promise is five."""
RELEASE_WITHIN = 55.0
"""s for which a stop goes on for the rest: what a service manager allows (TimeoutStopSec=60), less what closing takes."""
