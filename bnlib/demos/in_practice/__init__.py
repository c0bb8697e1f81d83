"""Demos of notebooks/08_in_practice.ipynb, a file each, and what they compute."""
