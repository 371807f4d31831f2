"""How work goes through its stages, for leads now, for deals and claims as they come.

engine      which moves a process allows, and why not [pure]
models      pipelines, their stages, and what entered which stage when
pipelines   all of them in memory, offered to forms and boards as option lists
staged      makes an entity one that goes through stages
times       how long a row stood where [pure]
approvals   asking that a row may enter a stage, and deciding it
course      where a row stands, what is next and what that needs; the panel on its card
admin       how administrators make the processes
seeds       the pipelines of a new installation
"""
