"""Lines to fact patterns: what the rules ask, answered once for all lines that answer alike."""
