"""Makes one contact of two, and two again if that was a mistake.

values        what the winner is left with, field by field                           [pure]
references    every column of the database that says which contact a row belongs to
merging       moves all of it to the winner, and keeps what undoing needs
undo          puts back what nobody changed since, and says what it could not
rows          moves the rows of one table; own_fields: fields that administrators added
claims        the past of numbers that the two shared
side_by_side  the two as a person compares them; forwarding: old links lead to the winner
"""
