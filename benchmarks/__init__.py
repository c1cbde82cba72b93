"""Timed comparisons with programs written independently of the package; never timed tests."""
