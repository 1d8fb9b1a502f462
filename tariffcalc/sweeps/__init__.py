"""Many scenarios on the same lines: a row for each, and only the lines computed again that it may change."""
