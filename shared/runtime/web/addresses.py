"""Which IP addresses are on the public web, those that carry another address inside them included. Pure."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is handed out of IPv6 (IANA); the rest is special or unused
RETIRED = tuple(ipaddress.ip_network(text) for text in ("192.88.99.0/24", "3fff::/20", "2001::/23"))
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; 64:ff9b:1::/48 (RFC 8215) is a network's own and so private
ISATAP = {0x0000_5EFE, 0x0200_5EFE}  # RFC 5214: these 32 bits stand before an IPv4 address


def is_public(address: Address) -> bool:
    """Whether anybody may be sent there; an address that carries another is as public as that one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not _retired(address)
    inner = carried(address)
    if inner is not None and not is_public(inner):
        return False
    if address.ipv4_mapped is not None or address in NAT64:
        return inner is not None
    return address in UNICAST and address.is_global and not _retired(address)


def carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a mapped (::ffff:0:0/96), 6to4, NAT64 or ISATAP one."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in NAT64 or int(address) >> 32 & 0xFFFF_FFFF in ISATAP:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _retired(address: Address) -> bool:
    """Relay anycast (RFC 7526), documentation (RFC 9637) and protocol assignments, Teredo among them (RFC 2928)."""
    return any(address in network for network in RETIRED if network.version == address.version)
