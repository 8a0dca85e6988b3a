"""The default stack: BAC0 on bacpypes3."""
