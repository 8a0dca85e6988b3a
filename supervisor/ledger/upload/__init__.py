"""What a data centre of public buildings is sent: reports of meters over TCP, and files for the centre above it."""
