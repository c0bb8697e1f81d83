"""Demos of notebooks/03_gamma_beta.ipynb, a file each, and what they compute."""
