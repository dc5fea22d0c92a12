"""The service: HTTP in, ranked and explained results out."""
