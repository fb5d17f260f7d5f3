"""The page "What if": what changes when a gate, cell or unit is fixed at a value."""
