"""Keras files: `.keras`, HDF5, and weights alone."""
