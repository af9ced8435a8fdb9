"""Alarms: what they watch, how their states follow from it, and whom they tell."""
