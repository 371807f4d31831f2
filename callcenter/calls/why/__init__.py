"""Explains a call: who did what when, in plain words, and which messages of the PBX say so.

A ladder has a column for each party and station, and a row for each thing that happened.
`columns` says who took part, `lanes` who was in which state from when to when, `telling` what
happened in sentences; `ladder` puts them together. It is made from the raw stream where it is
kept, else from the stored record: both are the same events. `checking` compares the two,
`messages` shows a message of the PBX to a person, `concluded` says what nobody saw.

Pure; `pages` shows it, `asking` fetches what it is made from.
"""
