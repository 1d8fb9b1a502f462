"""Models of law to arrays, and what is kept of them between runs: the only part that knows both."""
