"""Put the platform somewhere and take it away."""
