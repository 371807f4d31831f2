"""The customers, and everything kept about them.

contacts   people and companies: list, search, card, form
lookup     which contacts a number belongs to, and why
linking    which contact a call belongs to
names      names without case, accents and alphabet, for search
"""
