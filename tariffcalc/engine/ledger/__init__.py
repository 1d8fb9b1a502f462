"""What is held of the assessed lines, and read from it."""
