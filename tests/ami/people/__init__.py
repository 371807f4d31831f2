"""Calls that nobody recorded: people act by chance, as far as the moment allows, and we know the truth.

A `Story` is one customer's call. Each step lets one of those who could do something do it: the truth
is written down where they act, in their own terms (who talks, who waits), never from channels.
"""

from tests.ami.people.story import Story
from tests.ami.people.truth import CUSTOMER

__all__ = ["CUSTOMER", "Story"]
