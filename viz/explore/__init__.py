"""The page "Explore": what every unit does while the model reads."""
