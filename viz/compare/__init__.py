"""The page "Compare": a model before and after training."""
