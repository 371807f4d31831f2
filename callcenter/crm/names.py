"""Names as a search compares them: without case, accents, alphabet and punctuation.

What is stored and what is typed go through the same function (`letters.fold`).
"""

from callcenter.letters import APOSTROPHES, fold, plain, small

__all__ = ["APOSTROPHES", "fold", "plain", "small"]
