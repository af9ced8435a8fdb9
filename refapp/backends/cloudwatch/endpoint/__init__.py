"""The endpoint that boto3 talks to: what this package answers itself, and moto for the rest."""
