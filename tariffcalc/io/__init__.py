"""Files and tables as columns; knows no duty."""
