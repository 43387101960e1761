"""What each service may do in the bucket, as S3 policies: `deploy.rights` grants, `deploy.provision` writes them."""

from typing import Any

READS: dict[str, tuple[str, ...]] = {
    "segmenter": ("images/", "uploads/", "masks/", "products/", "models/"),
    "captioner": ("images/", "masks/", "products/", "models/"),
    "curator": ("images/", "masks/", "products/", "datasets/", "backgrounds/", "styles/"),
    "trainer": ("datasets/", "jobs/", "models/"),
    "inpainter": ("images/", "uploads/", "masks/", "products/", "models/", "backgrounds/", "styles/"),
    "client": ("images/", "uploads/", "masks/", "backgrounds/", "styles/", "datasets/"),
    "gateway": ("images/", "uploads/", "masks/", "backgrounds/", "styles/", "thumbnails/", "models/*/exam/"),
}
WRITES: dict[str, tuple[str, ...]] = {
    "segmenter": ("images/", "masks/", "products/"),
    "captioner": ("products/",),
    "curator": ("datasets/", "products/", "styles/"),
    "trainer": ("jobs/", "models/"),
    "inpainter": ("products/", "backgrounds/"),
    "client": ("images/", "uploads/"),
    "gateway": ("uploads/", "thumbnails/"),
}


def policy(service: str, bucket: str) -> dict[str, Any]:
    """An S3 policy for one service. Nobody may delete: blobs are immutable and expire by a lifecycle of the operator's.

    Listing is granted on the bucket, as without it S3 answers 403 instead of 404 for a key that does not exist.
    """
    root = f"arn:aws:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": [root]},
            _allow("s3:GetObject", root, READS[service]),
            _allow("s3:PutObject", root, WRITES[service]),
        ],
    }


def _allow(action: str, root: str, prefixes: tuple[str, ...]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [action], "Resource": [f"{root}/{prefix}*" for prefix in prefixes]}
