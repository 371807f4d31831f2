"""The customers, and everything kept about them."""
