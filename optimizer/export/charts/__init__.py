"""Figures of plans and studies as plotly objects: one function per figure, in English or Korean, without a network."""
