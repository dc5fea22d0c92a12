"""The inverted index beside those of other engines: the same tokens, the same queries, one thread each."""
