"""The report: one page that needs no network, with a summary on its first screen, figures, tables and sources."""
