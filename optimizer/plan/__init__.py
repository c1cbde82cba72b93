"""From a solution to what a planner reads: tables, statistics, prices, and why there is none where there is none."""
