"""The page "Explore": what every unit does while a text is read."""
