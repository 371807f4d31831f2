"""What administrators add to entities while everybody works: option lists, and fields.

`options` and `fields` change the rows, `usage` knows what refers to an option, `indexes` makes a
field quick to find by. After each change every node loads its registry anew.
"""
