"""Inquiries: what somebody wants from us, from the first word until it is won or lost.

A lead is not a person: it points to a contact, and a contact may have many.

models       the table of leads
description  what a lead is, for everything that walks entities
"""
