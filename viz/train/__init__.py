"""The page "Train": train a model and watch its gates."""
