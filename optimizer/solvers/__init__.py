"""Engine adapters. They know linear programs and nothing of what the rows and columns stand for."""
