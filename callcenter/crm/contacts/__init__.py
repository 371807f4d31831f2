"""People and companies: who they are, how they are reached, what stands around them.

models        the tables
description   what a contact is, for all that walks entities; peers: how other products say it
rules         what follows from what somebody says of one, and what has to fit together
access        whose contacts a person may see or change; covering: what his role covers of one
points        numbers and addresses, read as typed; points_part, reach: as a part and as fields
addresses, preferences  more lists of each contact
ties          how contacts are tied to each other; employment: the company beside a name is one
ties_in_files  the same as cells of a file
surroundings  who stands around a contact; companies: the company as people type it
search        whatever somebody types; common_names: where a word is in very many names
lines         contacts as lines: found, chosen or named
many          what an import does for a block at once; vcards: contacts for telephones
card          all that the card shows; local_time, shown: what time it is there, masked numbers
for_calls     what the rooms of calls ask
pages, edit_pages, around_pages  the card, the form, what is edited in place
"""
