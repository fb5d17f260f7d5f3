"""TensorFlow's files: SavedModels and checkpoints, read without TensorFlow."""
