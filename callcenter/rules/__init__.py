"""If this, then that: what administrators have happen by itself, and who gets what comes in.

models        rules, each time one ran, and to whom something was given
shapes        what a rule may do, as it is stored [pure]
matching      which lines of the audit log concern which rule [pure]
following     reads the stream of changes and lets the rules run that they concern
dates         lets rules run for rows whose date has come
running       lets a rule run for a row, once for what it runs for
acting        does what a rule says
choosing      who of several gets it [pure]
giving        gives a row to somebody who is there, passes it on, escalates
terms         what becomes of it: begun, passed on, rung, taken by somebody who came
pages         Administration → Rules
"""
