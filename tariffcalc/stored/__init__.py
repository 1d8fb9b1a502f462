"""Typed data as JSON and plain arrays: a form that is read without executing anything, and that says nothing
the classes do not."""
