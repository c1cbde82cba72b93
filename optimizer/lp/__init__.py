"""Labelled sparse linear programs. Nothing in here knows what a row or a column stands for."""
