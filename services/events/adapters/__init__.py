"""One file per thing outside: the templates that are shipped, the live line, guests' names, table codes."""
