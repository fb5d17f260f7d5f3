"""The page "Step": one cell, step by step, with its numbers."""
