"""A local stand-in for a Slack channel: what is posted to its webhook can be read back."""
