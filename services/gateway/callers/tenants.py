"""Whose a product is: the id says it, so that the topics alone can fill the projection anew. Pure.

`acme::mug-1` belongs to the tenant `acme`. Every other id, and so what a foreign producer says without knowing of
tenants, belongs to `default`, whose ids carry no prefix.
"""

import re

from shared.contracts.errors import BadRequest

DEFAULT = "default"
MARK = "::"
LONGEST = 200
_NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")


def is_tenant(name: str) -> bool:
    """Whether a tenant may be called so: lower case, begins with a letter, at most 40 characters."""
    return _NAME.fullmatch(name) is not None


def tenant_of(product_id: str) -> str:
    """The tenant that a product belongs to."""
    name, mark, rest = product_id.partition(MARK)
    return name if mark and rest and is_tenant(name) and name != DEFAULT else DEFAULT


def own_id(tenant: str, wanted: str) -> str:
    """The product id for what a tenant calls a product, with its prefix or without. Raises BadRequest."""
    prefix = "" if tenant == DEFAULT else tenant + MARK
    product_id = wanted if wanted.startswith(prefix) else prefix + wanted
    if tenant_of(product_id) != tenant:
        raise BadRequest("product_id_taken", f"`{MARK}` parts a tenant's name from the rest; use other characters")
    if "/" in product_id or product_id in (".", ".."):
        raise BadRequest("product_id_invalid", "a product id is part of addresses: it has no `/`")
    if len(product_id) > LONGEST or not product_id.isprintable() or product_id == prefix:
        raise BadRequest("product_id_invalid", f"give 1 to {LONGEST} printable characters, {len(prefix)} are a prefix")
    return product_id
