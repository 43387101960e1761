"""Save and restore an installation's topics and bucket: `python -m deploy.backup save|restore FOLDER`.

PostgreSQL's part is pg_dump and pg_restore; docs/upkeep.md has the order and why.
"""

import argparse
import sys
from pathlib import Path

from kafka.errors import KafkaError

from deploy.backup import bucket, topics
from shared.contracts.errors import BackdropError
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings


def main() -> int:
    """Run one verb; 1 when it could not be done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("verb", choices=("save", "restore"))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    kafka, blobs = KafkaSettings(), MinioBlobs(MinioSettings())
    try:
        if options.verb == "save":
            options.folder.mkdir(parents=True)  # an older copy is not written over
            print(f"{topics.save(kafka, options.folder)} records")
            print(f"{bucket.save(blobs, options.folder / 'objects')} objects")
        else:
            print(f"{bucket.restore(blobs, options.folder / 'objects')} objects")
            print(f"{topics.restore(kafka, options.folder)} records")
    except (BackdropError, KafkaError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
