"""Every contact with a customer, and who took part.

timeline   all of a contact's, newest first
notes      what somebody wrote about one, saved without losing anybody's text
access     whose interactions a person may see or change
"""
