"""What cannot be opened: what each file is, and what to do instead."""
