"""From a photo to a downloaded background: python python.py photo.jpg "on an oak table" [out.png]

BACKDROP_URL: the gateway; BACKDROP_KEY: an API key with the scopes submit, read and review.
"""

import os
import sys
from pathlib import Path

from backdrop.gateway import BackdropError, Client, Scene


def main(photo: Path, words: str, out: Path) -> None:
    with Client(os.environ["BACKDROP_URL"], os.environ["BACKDROP_KEY"]) as client:
        product = client.submit(photo, title="From Python")
        product = client.wait_for_product(product.product_id)
        if product.refusal is not None:
            sys.exit(product.refusal.detail)

        asked = client.ask(product.product_id, Scene(prompt=words, count=2))
        background = client.wait_for_options(asked)
        if background.rejection is not None:
            sys.exit(background.rejection.detail)

        best = background.options[0]
        out.write_bytes(client.download(background, best))
        client.engage(background, best, "pick")
        client.review(background, best)  # nothing is wrong with it
        print(out)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], Path(*sys.argv[3:] or ["background.png"]))
    except BackdropError as error:  # Refused has a reason and a field too, DependencyDown: nobody answers
        sys.exit(str(error))
