"""What people are told without having asked: named by a colleague, given work, reminded.

kinds    what there is to tell, and how each kind reaches people unless they choose otherwise
notices  written in the transaction of what they tell of
teller   tells them live, once; sending: by e-mail and SMS, as jobs
wishes   how a person wants to be told; quiet: when not at all                          [pure]
pages, choice_pages  the bell and its page; a person's choices
"""
