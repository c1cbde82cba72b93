"""Validated inputs: what a case holds, where it is read from, and every fault it can have.

Nothing in here knows what is done with the numbers afterwards.
"""
