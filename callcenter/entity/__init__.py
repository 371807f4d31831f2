"""One description per entity, and what walks it.

`description` says what an entity is: its fields, their types, who may see them, how it is
sorted and found. Reading what people type, saving, rights, lists, boards, forms, filters,
views, REST, export and import all walk that description, so that a new entity is a model,
a description and its own logic. Fields that administrators add (`custom`) and the option
lists they keep (`options`) join it at run time, in the `registry`.
"""
