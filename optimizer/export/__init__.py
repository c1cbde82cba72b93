"""From a plan to files and pages: CSV, workbook, report, and the run folder that holds them with a manifest."""
