"""One run seen from beside the amounts: what was assumed, what is unknown and why, what is in doubt, and what
changed nothing."""
