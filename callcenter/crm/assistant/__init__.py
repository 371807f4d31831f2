"""The assistant for new partners: one guided form, with a look at who is there already.

form    what it asks for, and what somebody wrote                                     [pure]
pages   the form, the look while typing, and saving
"""
