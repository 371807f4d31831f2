"""Inquiries: what somebody wants from us, from the first word until it is won or lost.

A lead is not a person: it points to a contact, and a contact may have many.

models         the table of leads
description    what a lead is, for everything that walks entities
following      what follows when one is saved: its contact, its term, its end
naming         what a lead is called, as far as somebody may see it
binding        whose contact it is, by the number or the address it gives
clock          by when it has to be answered, and what answered it
answers        hears what answers leads; overdue: tells who has to know that one waits too long
customers      what a won one makes of its contact
taking         contact, lead and next step out of one form; people: the contact of who asks
conversion     winning leads
importing      whose the leads of a file are; peers: how other products call their columns
webforms       forms on other sites
card_pages, taking_pages, winning_pages     the pages; open_ones: for cards and pops of contacts
"""
