"""Delivers what is due: one POST each, growing pauses after failures, and an end of patience that is written down."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.gateway.webhooks.book import Delivery, Webhook, WebhookBook
from services.gateway.webhooks.signing import signed_headers
from services.gateway.webhooks.targets import Targets
from shared.contracts.errors import BackdropError, Permanent

log = logging.getLogger("gateway")

AT_ONCE = 10
LEASE = timedelta(minutes=2)  # above the longest delivery: a worker that died gives its deliveries back
GONE = 410
GROWTH = 5.0


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often and how long a delivery is tried."""

    tries: int = 8
    first_s: float = 5.0
    cap_s: float = 6 * 3600.0

    def pause_s(self, attempts: int) -> float:
        """Seconds to wait after so many failures."""
        return min(self.first_s * GROWTH ** (attempts - 1), self.cap_s)


@dataclass(frozen=True, kw_only=True)
class DeliverWebhooks:
    """One round, or rounds for ever."""

    book: WebhookBook
    targets: Targets
    patience: Patience = Patience()

    async def run(self, every_s: float = 1.0) -> None:
        """Deliver until cancelled; an outage of the database is waited out."""
        while True:
            try:
                busy = await self.round(datetime.now(UTC))
            except BackdropError as error:
                log.warning("webhooks wait: %s", error.message)
                busy = 0
            if busy < AT_ONCE:
                await asyncio.sleep(every_s)

    async def round(self, now: datetime) -> int:
        """Try what is due; how many that was."""
        due = await asyncio.to_thread(self.book.claim, now, now + LEASE, AT_ONCE)
        await asyncio.gather(*(asyncio.to_thread(self._deliver, delivery, now) for delivery in due))
        return len(due)

    def _deliver(self, delivery: Delivery, now: datetime) -> None:
        webhook = self.book.webhook(delivery.webhook_id)
        if webhook is None:
            return
        if not webhook.active:
            self.book.settle(delivery.model_copy(update={"status": "dead", "answer": "the webhook is switched off"}))
            return
        self.book.settle(self._tried(webhook, delivery, now))

    def _tried(self, webhook: Webhook, delivery: Delivery, now: datetime) -> Delivery:
        body = delivery.body.encode()
        headers = signed_headers(webhook.secret, delivery.event_id, int(time.time()), body)
        try:
            status = self.targets.post(webhook.url, headers, body)
        except BackdropError as error:
            return self._failed(delivery, error.message, now, for_good=isinstance(error, Permanent))
        if 200 <= status < 300:
            counted = {"status": "delivered", "attempts": delivery.attempts + 1, "answer": str(status)}
            return delivery.model_copy(update=counted)
        if status == GONE:
            self.book.put_webhook(webhook.model_copy(update={"active": False}))
        return self._failed(delivery, f"the target answers {status}", now, for_good=status == GONE)

    def _failed(self, delivery: Delivery, why: str, now: datetime, *, for_good: bool) -> Delivery:
        attempts = delivery.attempts + 1
        if for_good or attempts >= self.patience.tries:
            return delivery.model_copy(update={"status": "dead", "attempts": attempts, "answer": why})
        due = now + timedelta(seconds=self.patience.pause_s(attempts))
        return delivery.model_copy(update={"status": "waiting", "attempts": attempts, "due": due, "answer": why})
