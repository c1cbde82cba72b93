"""The same linear program written the way its users would otherwise write it."""
