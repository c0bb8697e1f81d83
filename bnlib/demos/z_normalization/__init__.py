"""Demos of notebooks/02_z_normalization.ipynb, a file each, and what they compute."""
