"""What components in the browser share, and small components of one file each."""
