"""The house's own affairs: what the company is called, how it looks, which parts are on, how it starts.

Each is a sheet of fields kept in one row of `setting` (`kept`), edited by whoever may open the
administration. `branding` holds what every page shows, the same on all nodes.
"""
