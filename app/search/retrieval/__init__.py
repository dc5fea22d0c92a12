"""What is asked, and who ranks documents for it."""
