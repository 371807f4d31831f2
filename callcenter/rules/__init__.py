"""If this, then that: what administrators have happen by itself, and who gets what comes in.

models        rules, each time one ran, and to whom something was given
shapes        what a rule may do, as it is stored [pure]
matching      which lines of the audit log concern which rule [pure]
following     reads the stream of changes and lets the rules run that they concern
dates         lets rules run for rows whose date has come
running       lets a rule run for a row, once for what it runs for
rehearsing    what a rule would have done of late, without doing it
acting        does what a rule says: inside the house, reaching the customer, by web hook
matter        the row that an action is about
means         what that takes, beyond the database
inside, customers, reaching  the things rules do; who the customer of a row is
calling       places the calls that rules planned
hooks, outward  tells other systems, and only those that are outside
choosing      who of several gets it [pure]
giving        gives a row to somebody who is there, passes it on, escalates
terms         what becomes of it: begun, passed on, rung, taken by somebody who came
pages         Administration → Rules
"""
