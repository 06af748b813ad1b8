"""One file per thing outside funding's log."""
