"""A person's day on one screen: what is arranged, with whom, what waits, and the chosen customer.

Nothing is computed here that stands elsewhere: the calendar is the diary's, the customer the card's,
counters are those of the lists they lead to. `pages` puts them together, `telling` says when
something of somebody's day has changed.
"""
