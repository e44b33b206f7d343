"""What outlives a message: the registry."""
