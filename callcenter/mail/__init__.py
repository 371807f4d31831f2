"""Letters: fetched from mailboxes, read, kept with the customers they are from, answered.

accounts    the mailboxes, and who may write from them
reading     the bytes of a letter become plain values (pure)
storing     a letter that was read becomes an interaction with participants and files
fetching    the line to one mailbox; `boxes` keeps one for each
sending     letters that wait are sent as jobs
filing      a copy of what was sent is kept in the mailbox
invited     what letters of others invite to, and the answers to that
inviting    so are those that invite guests
"""
