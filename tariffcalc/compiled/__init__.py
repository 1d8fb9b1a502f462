"""The law as arrays: written by the compiler, read by the engine."""
