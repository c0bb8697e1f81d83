"""Demos of notebooks/01_input_normalization.ipynb, a file each, and what they compute."""
