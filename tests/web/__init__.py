"""The browser side: how it is built, what the templates hold, and what a page does."""
