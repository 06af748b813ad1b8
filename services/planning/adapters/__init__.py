"""One file per thing outside planning's log: the documents that people type into, and frozen contents."""
