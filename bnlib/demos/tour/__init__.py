"""Demos of notebooks/00_tour.ipynb, a file each, and what they compute."""
