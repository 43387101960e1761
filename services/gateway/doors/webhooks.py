"""/v1/webhooks: where events of a tenant are pushed to, how that goes, and again."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.gateway.callers.keys import Identity
from services.gateway.doors.entry.access import needs
from services.gateway.doors.entry.once import Once, made_name
from services.gateway.doors.problems import RequestRefused, about, missing
from services.gateway.doors.products import PROBLEMS
from services.gateway.gateway import Gateway, now
from services.gateway.shapes.asks import ReplayAsk, WebhookAsk, WebhookChange
from services.gateway.shapes.overviews import DeliveryReply, WebhookReply
from services.gateway.shapes.replies import Done
from services.gateway.webhooks.book import Delivery, Webhook
from services.gateway.webhooks.signing import new_secret

Admin = Annotated[Identity, Depends(needs("admin"))]


class WebhookDoor:
    """A tenant's webhooks."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._once = Once(gateway.answers)

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=PROBLEMS)
        add, one = router.add_api_route, "/{webhook_id}"
        made: Any = {201: {"model": WebhookReply}}
        add("", self.make, methods=["POST"], status_code=201, responses=made)
        add("", self.webhooks, methods=["GET"])
        add(one, self.webhook, methods=["GET"])
        add(one, self.change, methods=["PATCH"])
        add(one, self.remove, methods=["DELETE"], status_code=204)
        add(one + "/deliveries", self.deliveries, methods=["GET"])
        add(one + "/replay", self.replay, methods=["POST"], status_code=202)
        return router

    async def make(self, ask: WebhookAsk, request: Request, who: Admin) -> Response:
        """A new webhook; the answer holds its secret, with which deliveries are signed (Standard Webhooks)."""
        said = (ask.model_dump_json(),)
        name = made_name(request, who, "webhook", *said) or f"webhook-{secrets.token_hex(8)}"
        work = lambda: run_in_threadpool(self._made, who, ask, name)  # noqa: E731
        return await self._once(request, who, said, work, status=201)

    def webhooks(self, who: Admin) -> list[WebhookReply]:
        """All of the tenant's."""
        return [_reply(one) for one in self._gateway.webhooks.webhooks(who.tenant)]

    def webhook(self, webhook_id: str, who: Admin) -> WebhookReply:
        """One of them."""
        return _reply(self._mine(webhook_id, who))

    def change(self, webhook_id: str, ask: WebhookChange, who: Admin) -> WebhookReply:
        """Another address, other types, on or off, a new secret."""
        self._mine(webhook_id, who)
        if ask.url is not None:
            self._check(ask.url)
        given = ask.model_dump(exclude={"new_secret"}, exclude_none=True)
        changes = {**given, **({"secret": new_secret()} if ask.new_secret else {})}
        after = self._gateway.webhooks.change_webhook(webhook_id, changes)
        if after is None:
            raise missing("webhook")
        return _reply(after, with_secret=ask.new_secret)

    def remove(self, webhook_id: str, who: Admin) -> None:
        """Deliver nothing to it any more."""
        self._gateway.webhooks.remove_webhook(self._mine(webhook_id, who).webhook_id)

    def deliveries(self, webhook_id: str, who: Admin) -> list[DeliveryReply]:
        """The newest hundred."""
        self._mine(webhook_id, who)
        return [_delivery(one) for one in self._gateway.webhooks.deliveries(webhook_id)]

    def replay(self, webhook_id: str, ask: ReplayAsk, who: Admin) -> Done:
        """Deliver again what is dead or, with `since`, everything since then."""
        self._mine(webhook_id, who)
        return Done(accepted=self._gateway.webhooks.send_again(webhook_id, now(), since=ask.since))

    def _made(self, who: Identity, ask: WebhookAsk, name: str) -> WebhookReply:
        self._check(ask.url)
        made = Webhook(
            webhook_id=name, tenant=who.tenant, url=ask.url, types=ask.types, secret=new_secret(), created=now()
        )
        most = self._gateway.quotas.webhooks
        if not self._gateway.webhooks.add_webhook(made, most):
            raise RequestRefused(422, "too_many_webhooks", f"a tenant has {most} webhooks at most; remove one first")
        return _reply(made, with_secret=True)

    def _check(self, url: str) -> None:
        with about("url"):
            self._gateway.targets.check(url)

    def _mine(self, webhook_id: str, who: Identity) -> Webhook:
        webhook = self._gateway.webhooks.webhook(webhook_id)
        if webhook is None or webhook.tenant != who.tenant:
            raise missing("webhook")
        return webhook


def _reply(one: Webhook, *, with_secret: bool = False) -> WebhookReply:
    return WebhookReply(
        webhook_id=one.webhook_id,
        url=one.url,
        types=one.types,
        active=one.active,
        created_at=one.created,
        secret=one.secret if with_secret else None,
    )


def _delivery(one: Delivery) -> DeliveryReply:
    return DeliveryReply(
        event_id=one.event_id,
        type=one.type,
        status=one.status,
        attempts=one.attempts,
        due_at=one.due,
        event_at=one.told,
        answer=one.answer,
    )
