"""What the law gives a person: all that we hold of him, and that we forget him.

`traces` says what belongs to a contact, by the database's own tables; `dossier` takes it out,
`erasing` overwrites it.
"""
