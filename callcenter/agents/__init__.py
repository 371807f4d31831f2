"""People who work here: users, sign-in, roles, phones, states.

`sign_in` and `passwords` know who somebody is, `roles` what he may, `people`
and `teams` keep the rows, `devices` who sits at which phone, `states` what
each agent is doing. The telephony of it all happens in the rooms above.
"""
