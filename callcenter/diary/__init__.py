"""Time that is shared out: calendars, working hours, holidays.

hours      which seconds are worked; a term in working time                          [pure]
holidays   the holidays of a country, named in the reader's language                 [pure]
worktime   whose hours count for a team: its own, those of a team above it, the company's
hours_form  hours as people write them                                               [pure]
layout     on which days things stand, from when to when, beside what                [pure]
entries    what stands in whose calendar, as far as the reader may see it
calendar_pages  the calendar, and moving what stands there
ics        calendars as other programs read and write them                           [pure]
guests, guest_pages  who is invited by e-mail, and what each was told; on a meeting's page
inviting, itip  the letter that invites; invitations as calendars exchange them         [pure]
answers, invitation_pages  what guests answer; the page behind the link of a letter
links, bringing, brought, feed_pages  the secret link of one's calendar; files that come in,
                 and are taken back
loose      what is open and has no next action; its pages
"""
