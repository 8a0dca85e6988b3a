"""The building for others, by MQTT: told, never asked."""
