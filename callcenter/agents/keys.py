"""What the handlers of this room find in the application; `app` calls `install`."""

from aiohttp import web

from callcenter.agents.mail import Postman
from callcenter.agents.sign_in import SignIn
from callcenter.server.limits import Limit

SIGN_IN = web.AppKey("sign_in", SignIn)
POSTMAN = web.AppKey("postman", Postman)
#: Reset links asked for, by address: each may be a mail.
RESETS = web.AppKey("resets", Limit)


def install(app: web.Application, sign_in: SignIn, postman: Postman) -> None:
    app[SIGN_IN] = sign_in
    app[POSTMAN] = postman
    app[RESETS] = Limit(10, window_s=3600)
