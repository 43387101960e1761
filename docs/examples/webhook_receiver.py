"""Hears of finished backgrounds: python webhook_receiver.py 8001 — give the gateway https://…/ that leads here.

BACKDROP_WEBHOOK_SECRET is what the gateway answered when the webhook was made (`whsec_…`).
Signatures are Standard Webhooks'; `pip install standardwebhooks` is the public library that checks them.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

MOST_BYTES = 1_000_000
seen: set[str] = set()  # a delivery may come twice; a real receiver keeps these in its database


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST_BYTES))
        try:
            Webhook(os.environ["BACKDROP_WEBHOOK_SECRET"]).verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            return self.answer(400)  # not from the gateway, or older than five minutes
        event = json.loads(body)  # CloudEvents: id, type, subject (the product), data (the contract's event)
        if event["id"] not in seen:
            seen.add(event["id"])
            print(event["type"], event["subject"], event["data"].get("request_id"), flush=True)
        return self.answer(204)  # anything but 2xx, or no answer for fifteen seconds: it is sent again later

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """One line for each event is enough."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print("listening", server.server_port, flush=True)
    server.serve_forever()
