"""Demos of notebooks/06_backward_pass.ipynb, a file each, and what they compute."""
