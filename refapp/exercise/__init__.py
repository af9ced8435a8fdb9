"""Make the platform work, and make it fail."""
