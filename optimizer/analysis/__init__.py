"""Analysis: questions that take several plans of one case to answer."""
