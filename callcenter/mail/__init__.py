"""Letters: fetched from mailboxes, read, kept with the customers they are from, answered.

accounts    the mailboxes, and who may write from them; trying: tries one out
boxes       keeps a line to each; fetching: brings what is new, by imap
reading     the bytes of a letter become plain values; bounces: delivery reports         [pure]
storing     a letter that was read becomes an interaction; matching: who an address is
cleaning, plain_text  other people's HTML, made harmless, or as words                    [pure]
writing     what somebody writes becomes a letter that waits; drafts: until it is sent
templates, filling, automatic  what letters are made from; letters that nobody wrote by hand
sending     sends letters that wait, as jobs; bouncing: what a delivery report changes
filing      keeps a copy of what was sent in the mailbox
invited, inviting  invitations of others and the answers to them; invitations of our own
*_pages     writing and reading letters, accounts, templates, the way out of offers
"""
