"""Tables and sentences made of an estimate."""
