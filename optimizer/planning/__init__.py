"""Strategy: which linear programs are solved, in which order, and which of their solutions is the plan."""
