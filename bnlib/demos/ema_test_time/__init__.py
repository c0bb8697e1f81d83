"""Demos of notebooks/05_ema_test_time.ipynb, a file each, and what they compute."""
