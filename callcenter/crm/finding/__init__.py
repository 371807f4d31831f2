"""The one search box: people and firms, texts, numbers, places to go to.

Contacts are found by their own search. Of every other entity the words of its rows stand in one
table, kept by following the stream of changes (`texts`); `find` asks both and ranks.
"""
