"""One search: retrieve with each retriever, fuse, fetch, explain."""
