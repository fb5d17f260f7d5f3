"""The page "Models": what each model is, how good it is, and what it learnt from."""
