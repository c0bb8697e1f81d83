"""Demos of notebooks/07_why_it_works.ipynb, a file each, and what they compute."""
