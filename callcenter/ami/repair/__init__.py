"""Fills gaps from CEL, the account that a PBX keeps of its calls itself.

`sources` reads the rows of the calls that a gap touched, from a `files` or a table; `rows` are what
is read; `translate` puts them into AMI's words, so that one tracker decides what a call is; `account`
is what comes out. What is done with it decides `calls.repair`.
"""

from callcenter.ami.repair.account import account
from callcenter.ami.repair.sources import CelUnreadable, Source, Stories, source_of, stories

__all__ = ["CelUnreadable", "Source", "Stories", "account", "source_of", "stories"]
