"""How words leave the house: letters by SMTP, messages by SMS.

This room knows no people and no tables. Whoever has something to send makes a `letters.Letter` and
hands it to `smtp.send`, or an `sms.Sms` and has it sent as a job. What comes in, and what is kept
of it, is `mail`'s.
"""
