"""The price that was paid to the customs value."""
