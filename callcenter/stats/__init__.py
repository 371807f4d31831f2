"""Figures: one definition each, live and in history.

formulas  every figure of telephony, from facts that are handed in                       [pure]
today     today's queue visits in memory; unheard: when PBXs were not heard
floor     the picture of this moment: calls, waiting callers, agents                     [pure]
feed      tells the pages that show it what changed; callers: who the callers are
leads     what became of the inquiries
pages     the live board
"""
