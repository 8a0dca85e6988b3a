"""Topics of a broker of MQTT: read only."""
