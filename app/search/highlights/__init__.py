"""Where a document answers the query."""
