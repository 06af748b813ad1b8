"""One file per thing outside the marketplace's log: the vault of names, and the post."""
