"""Two tariffs side by side: what each charges on the goods of the other."""
