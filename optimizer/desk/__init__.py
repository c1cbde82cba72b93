"""What a planner has on the desk: panels in JupyterLab; all they do, the parts below can do without them."""
