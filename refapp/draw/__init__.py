"""Figures of what a query or a measurement returned; this layer knows no network."""
