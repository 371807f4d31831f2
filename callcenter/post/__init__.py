"""How words leave the house: letters by SMTP.

Knows no people and no tables: whoever has something to send makes a `letters.Letter` and hands it
to `smtp.send`. What comes in, and what is kept of it, is `mail`'s.
"""
