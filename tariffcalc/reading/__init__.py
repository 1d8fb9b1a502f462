"""The files of seeds as models, with every mistake by file and line."""
