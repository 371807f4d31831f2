"""Time that is shared out: working hours and holidays, calendars, invitations.

hours      which seconds are worked; a term in working time                          [pure]
holidays   the holidays of a country, named in the reader's language                 [pure]
worktime   whose hours count for a team: its own, those of a team above it, the company's
"""
