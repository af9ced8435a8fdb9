"""What the cloud would supply, for the local target only."""
