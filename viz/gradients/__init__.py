"""The page "Gradients": how far back a prediction reaches."""
