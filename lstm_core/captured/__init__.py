"""What `capture` keeps of the recurrent modules inside a model, and how it is read."""
