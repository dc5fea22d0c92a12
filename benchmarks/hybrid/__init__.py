"""Hybrid search through HTTP: the service as it is run, one client, beside the API of txtai."""
