"""The customers, and everything kept about them.

contacts    people and companies: list, search, card, form
lookup      which contacts a number belongs to, and why
linker      gives calls to contacts while they happen, where there is no doubt
linking     the same where a person decides, and for calls of the past
finding     the one search box
names       names without case, accents and alphabet; sounds: as they sound
tax_ids     tax ids and registration numbers: which one it is, and whether it adds up
registers   state registers of legal entities: fills a contact, notes who is unreliable
assistant   one guided form for new partners
duplicates  whether two contacts are one, and why
merging     makes one of two, and two again
privacy     takes out all that is held of a person; forgets him
makers, callers  the contact that is made of an interaction, and the number of who called
api, desk_pages, event_pages, participant_pages  REST and pages across contacts and calls
"""
