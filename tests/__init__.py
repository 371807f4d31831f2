"""The tests mirror the tree of `callcenter`; `fixtures` holds the real servers they share."""
