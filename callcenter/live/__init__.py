"""The websocket: what every open page is told, and who has one open.

protocol  every message, both ways
hub       tells people what concerns them, in all their tabs
outbox    what waits for one browser; history: what a page that lost its line has missed
presence  who has a page open
gathering the latest of what changes often; dress: what a page cannot word by itself
websocket how a browser comes in; watch: the same on the command line
"""
