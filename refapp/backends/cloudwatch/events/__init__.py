"""Log events on disk, and the fields that CloudWatch discovers in them."""
