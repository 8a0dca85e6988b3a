"""The building for others, by MQTT: told; asked only where the site file says so."""
