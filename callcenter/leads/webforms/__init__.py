"""Forms on other people's pages, whose submissions become leads by themselves.

models     a form, what it counts, and every submission as it was sent
stamp      tells when a form was shown, and that it was ours                                [pure]
reading    what a form asks for, and what somebody sent
keeping    stores a submission first, and makes the lead of it
public     what the world sees: the script, the form, the page without a script
confirm    the letter to who asked
admin_pages  the administration of forms
"""
