"""The page "Memory": what is in the cell state, and who wrote it."""
