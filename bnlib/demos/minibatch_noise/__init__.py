"""Demos of notebooks/04_minibatch_noise.ipynb, a file each, and what they compute."""
