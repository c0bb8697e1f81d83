"""What the demos of several notebooks share."""
