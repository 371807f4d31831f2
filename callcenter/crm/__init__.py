"""The customers, and everything kept about them.

contacts   people and companies: list, search, card, form
lookup     which contacts a number belongs to, and why
linker     gives calls to contacts while they happen, where there is no doubt
linking    the same where a person decides, and for calls of the past
names      names without case, accents and alphabet, for search
tax_ids    tax ids and registration numbers: which one it is, and whether it adds up
registers  state registers of legal entities: fills a contact, notes who is unreliable
duplicates whether two contacts are one, and why
"""
