"""The page "Import": open a model that was trained elsewhere."""
