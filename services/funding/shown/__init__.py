"""What funding's pages are given: rows of the views, folded streams, titles from the directory. Shapes: templates."""
