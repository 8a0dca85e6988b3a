"""The physics behind the simulated building: `Plant` is the Protocol, `RcPlant` the built-in one."""
