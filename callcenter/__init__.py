"""Callcenter: the contact-centre CRM for Asterisk.

The rooms, from the top of the house to its foundations; imports point down only:

cli         serve, demo, replay, watch, doctor, trace, import, export, migrate, user, bench, simulate
bench       the product's claims, measured
app         builds every room, starts and stops it, hands functions down
cutting, replaying  one call taken out of the kept streams; recorded streams become records
ami         the only room that speaks to Asterisk: bytes to domain events
company     the house's own affairs: its name, its look, which parts are on, its first steps
screenpop   the right card on exactly the right screen
stats       figures, and the live board
desktop     a person's day on one screen
rules       if this, then that; who gets what comes in
leads       inquiries, from the first word until they are won or lost
mail        letters: mailboxes, what comes from them, what is written and sent
diary       people's calendars, working hours, holidays
process     pipelines and stages, and which moves they allow
crm         contacts, and which of them a number belongs to
calls       the call record, calls in progress, click-to-call
interactions  everything that passes between us and a customer
notices     what somebody is told without having asked
agents      people, sign-in, roles, phones, states
post        how words leave the house: letters by SMTP, messages by SMS
jobs        work that is done later, once, and that no restart loses
entity      one description per entity, and what walks it: saving, rights, lists, REST
live        the websocket
server      the web toolkit
audit, bus, db    who changed what; how events travel; where rows live
pbx         the port: what the house asks of any PBX, and what one said of a call
events, letters, phone, settings, errors    the words every room shares
simulator   a pretend PBX, sharing no code with the product
"""

__version__ = "0.1.0"
