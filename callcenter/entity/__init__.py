"""One description per entity, and what walks it.

So a new entity is a model, a description, and its own logic.

What one is:
description   its fields, their types, how it is sorted and found; parts: lists in each row
importable    what it hands in so that a million of its rows come in
registry      all there are, with the fields (`custom`) and lists (`options`) that people added
models        the tables that belong to all of them; seeds: what a new house begins with

Who may, and saving:
rights        whose rows somebody may see or change, and which of their fields
saving        adding, changing, setting aside; editing: joining what two did to one row
reading       what people and programs write, as what a field holds; numbering: "L-2026-00042"
rows_part, described_part  lists whose items are rows; those that their fields describe whole
tags, files   words that people put on rows, what they attach; facts: what is said of a value
sharing, handing  who else a row concerns; handing all that somebody has to others
history       what happened to one row; events: the same of all, as a stream

Lists:
filters       the grammar, in an address and in JSON; nesting: its groups; days: spans of them
conditions    a filter as SQL; held: a custom field's value in SQL
listing       rows a page at a time; stretches: how they are read along the indexes
showing       what a field holds as people read it; wording, cells: filters, spreadsheets
views         lists that are kept under a name; exporting: the rows as a file

What is open to the outside:
api           REST of every entity; querying, telling: its lists, its rows
openapi       the document of all that; api_view, api_pages: the same for people
events_api, file_pages, record_pages  the stream, the files and what belongs to every record
requests, keys  what a request brings to a deed; what handlers find in the application
pages, admin, importing  pages of every entity, fields and lists people add, files that come in
"""
