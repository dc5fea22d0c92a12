"""The HTTP face: one file a resource; each handler parses, calls, wraps."""
