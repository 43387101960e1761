"""/v1/session: the page comes in with a key once; afterwards a cookie that no script and no other site can use."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.gateway.callers.keys import SCOPES, Identity
from services.gateway.callers.sessions import COOKIE, LIFE, hashed, new_session
from services.gateway.doors.entry.access import LOCAL, Access, needs
from services.gateway.doors.products import PROBLEMS
from services.gateway.gateway import Gateway, now
from services.gateway.shapes.asks import SessionAsk
from services.gateway.shapes.replies import SessionReply

AnyScope = Annotated[Identity, Depends(needs("read"))]


class SessionDoor:
    """Who is in."""

    def __init__(self, gateway: Gateway, access: Access) -> None:
        self._gateway, self._access = gateway, access

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1/session", tags=["session"], responses=PROBLEMS)
        router.add_api_route("", self.session, methods=["GET"])
        router.add_api_route("", self.come_in, methods=["POST"])
        router.add_api_route("", self.leave, methods=["DELETE"], status_code=204)
        return router

    def session(self, who: AnyScope) -> SessionReply:
        """Who is in, and what this gateway can do."""
        return self._reply(who)

    def come_in(self, ask: SessionAsk, request: Request, response: Response) -> SessionReply:
        """Begin a session with a key."""
        self._access.check_site(request)
        who = self._access.bearer(f"Bearer {ask.key}")
        begun, word = new_session(who.key_id, now())
        self._access.sessions.begin_session(begun)
        response.set_cookie(
            COOKIE,
            word,
            max_age=int(LIFE.total_seconds()),
            path="/",
            httponly=True,
            samesite="strict",
            secure=_by_https(request),
        )
        return self._reply(who)

    def leave(self, request: Request, response: Response) -> None:
        """End it: the cookie opens nothing any more, wherever it is kept."""
        self._access.check_site(request)
        word = request.cookies.get(COOKIE)
        if word is not None:
            self._access.sessions.end_session(hashed(word))
            self._access.recognised.forget(word)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    def _reply(self, who: Identity) -> SessionReply:
        return SessionReply(
            tenant=who.tenant,
            name=who.name,
            scopes=tuple(sorted(one for one in SCOPES if who.may(one))),
            single_user=who == LOCAL,
            mask_clicks=self._gateway.masks.refiner is not None,
        )


def _by_https(request: Request) -> bool:
    """As the browser sees it: behind a proxy the connection that ends here is a plain one."""
    return request.headers.get("origin", "").startswith("https://") or request.url.scheme == "https"
