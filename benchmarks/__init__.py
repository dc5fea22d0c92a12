"""Measurements that stand beside the code; no part of the service imports them."""
