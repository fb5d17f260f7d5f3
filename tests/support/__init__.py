"""What several tests share: models, files and independent references."""
