"""Delivers what is due: one POST each, growing pauses after failures, and an end of patience that is written down."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.gateway.outliving import Outlived
from services.gateway.webhooks.book import Delivery, Webhook, WebhookBook
from services.gateway.webhooks.signing import signed_headers
from services.gateway.webhooks.targets import Targets
from shared.contracts.errors import BackdropError, Permanent

log = logging.getLogger("gateway")

AT_ONCE = 10
LEASE = timedelta(minutes=2)  # above the longest delivery: a worker that died gives its deliveries back
GONE = 410
GROWTH = 5.0

Going = dict["asyncio.Future[None]", str]
"""Deliveries under way, each with its webhook."""


@dataclass(frozen=True, kw_only=True)
class DeliverySchedule:
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
    patience: DeliverySchedule = DeliverySchedule()
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "webhooks"))

    async def run(self, every_s: float = 1.0) -> None:
        """Deliver until cancelled; nobody waits for another's slow target, and no failure of a round is the end."""
        going: Going = {}
        while True:
            with Outlived(log, "webhooks wait"):
                await self._begin(datetime.now(UTC), going)
            if going:
                await asyncio.wait(going, timeout=every_s, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(every_s)
            _forget_done(going)

    async def round(self, now: datetime) -> int:
        """Try what is due, each webhook's share of it; how many that was."""
        going: Going = {}
        await self._begin(now, going)
        await asyncio.gather(*going)
        return len(going)

    async def _begin(self, now: datetime, going: Going) -> None:
        """In threads of their own: the event loop's are for the database, which everybody waits for."""
        free, busy = AT_ONCE - len(going), set(going.values())
        due = await asyncio.to_thread(self.book.claim, now, now + LEASE, free, busy=busy) if free else []
        for delivery in due:
            work = asyncio.get_running_loop().run_in_executor(self.threads, self._deliver, delivery, now)
            going[work] = delivery.webhook_id

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
            self.book.switch_off(webhook.webhook_id, webhook.url)
        return self._failed(delivery, f"the target answers {status}", now, for_good=status == GONE)

    def _failed(self, delivery: Delivery, why: str, now: datetime, *, for_good: bool) -> Delivery:
        attempts = delivery.attempts + 1
        if for_good or attempts >= self.patience.tries:
            return delivery.model_copy(update={"status": "dead", "attempts": attempts, "answer": why})
        due = now + timedelta(seconds=self.patience.pause_s(attempts))
        return delivery.model_copy(update={"status": "waiting", "attempts": attempts, "due": due, "answer": why})


def _forget_done(going: Going) -> None:
    for work in [work for work in going if work.done()]:
        webhook_id, error = going.pop(work), work.exception()
        if error is not None:  # the delivery comes again when its lease is over
            log.warning("a delivery to %s broke off: %s", webhook_id, error)
