"""Files that survive a power cut, locks between processes, and the SQLite to use."""
