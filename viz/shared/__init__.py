"""What several pages share: state, widgets, words, caches and files to take home."""
