"""Every contact with a customer, what is still to come, and who takes part.

description   what an interaction is; chains: what belongs together; participants: whose it is
timeline      all of a contact's, newest first; expected: what is still to be done, by whom
pages         planning, writing down, what came of it; makers: what can be made from one
access        whose interactions a person may see or change
"""
