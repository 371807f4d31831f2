"""The web toolkit: who asks, what he may, how a page, an error or an answer is made.

It knows nothing of calls or customers. `application.build` makes the aiohttp
application from the routes of the rooms; `app` hands it all it needs.
"""
