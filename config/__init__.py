"""The site file: YAML with positions → frozen models; points, roles, units; problems; JSON schema."""
