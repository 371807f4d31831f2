"""Whether two contacts are one: while somebody types, by the API, and in the background.

company_names  the name of a company without its legal form                          [pure]
score          what two contacts have in common, and how much that says              [pure]
facts          what is compared: of a stored contact, of what somebody is typing
blocking       which contacts are worth comparing, by indexes only
check          which contacts there are already, for what somebody is typing
scan           finds them in the background, among new and changed contacts
deciding       what people say of them
"""
