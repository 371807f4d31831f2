"""What became of the inquiries.

figures   conversion, response and the rest, of rows that were read [pure]
reading   the rows of a period that somebody may see
pages     the report, and the same as a file
"""
