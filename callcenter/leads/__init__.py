"""Inquiries: what somebody wants from us, from the first word until it is won or lost.

A lead is not a person: it points to a contact, and a contact may have many.

models       the table of leads
description  what a lead is, for everything that walks entities
following    what follows when one is saved: its contact, its term, its end
binding      whose contact it is, by the number or the address it gives
clock        by when it has to be answered, and what answered it
customers    what a won one makes of its contact
"""
