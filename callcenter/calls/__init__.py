"""What a call is and what may be done to it.

call, leg, spans, fold    the record, folded from domain events                        [pure]
board, open_calls         calls in progress, for everybody who must know
writer, rows, models      writes them down while they happen
commands, requests, desk  what people may ask: place a call, hang one up
history, story, filters   past calls: the list, and one with all that happened in it
why                       explains a call in sentences
resume, retell, lost      what becomes of open calls when the service restarts
gaps, repair, mend        what was missed while a PBX was not heard, and how it is made good
recordings, listening     the sound: where it is, and who may hear it
pbxs, links               the PBXs, and whether each is reached
api, pages, pbx_pages     REST and pages
"""
