"""The command line: arguments, progress, printing and exit codes. Nothing else prints."""
