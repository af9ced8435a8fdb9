"""Functions of IP addresses.

After "IP address string functions" in the CloudWatch Logs User Guide. What the guide leaves open, and what is chosen
here: an address is written as RFC 4291, 2.2, has it, without a zone, a port or brackets; a subnet is a string in the
query itself; private are the addresses of RFC 1918 and RFC 4193, reserved are loopback, link-local, shared,
documentation, benchmarking, multicast and future ones of IANA's registries (RFC 6890), and all others are public.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from refapp.backends.cloudwatch.insights.arguments import Arguments, Function, condition, number
from refapp.backends.cloudwatch.insights.values import Value

Network = IPv4Network | IPv6Network

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_RESERVED = (
    "0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/127", "::ffff:0:0/96", "100::/64", "2001:db8::/32",
    "fe80::/10", "ff00::/8",
)  # fmt: skip
_GROUPS = 8  # of an IPv6 address

_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"(?:{_BYTE}\.){{3}}{_BYTE}"
_GROUP = "[0-9a-f]{1,4}"


def _groups(least: int, most: int, last: str) -> str:
    """Groups of an IPv6 address with colons between them, of which the last is something else, perhaps."""
    return f"(?:{_GROUP}:){{{least},{most}}}{last}"


def _compressed(before: int) -> str:
    """An IPv6 address in which so many groups stand before `::`."""
    left = _groups(before - 1, before - 1, _GROUP) if before else ""
    rest = _GROUPS - 1 - before  # groups at most after it; an IPv4 address stands for two
    after = [_groups(0, rest - 1, _GROUP)] if rest > 0 else []
    after += [_groups(0, rest - 2, _IPV4)] if rest > 1 else []
    return f"{left}::(?:{'|'.join(after)})?"


_IPV6 = "|".join(
    [
        _groups(_GROUPS - 1, _GROUPS - 1, _GROUP),
        _groups(_GROUPS - 2, _GROUPS - 2, _IPV4),
        *map(_compressed, range(_GROUPS)),
    ]
)


def _key(given: Arguments) -> str:
    """What an address sorts by: its version, and its bits as hexadecimal digits; null when it is none."""
    said = given.let(f"lower({given.text(0)})")
    left, right = (given.let(_digits(f"split_part({said}, '::', {part})")) for part in (1, 2))
    zeros = f"repeat('0', {4 * _GROUPS} - length({left}) - length({right}))"
    version4 = f"regexp_full_match({said}, {given.parameter(_IPV4)})"
    version6 = f"regexp_full_match({said}, {given.parameter(_IPV6)})"
    return given.let(
        f"CASE WHEN {version4} THEN '4' || {_bytes(said)} WHEN {version6} THEN '6' || {left} || {zeros} || {right} END"
    )


def _digits(groups: str) -> str:
    """Hexadecimal digits of some groups of an IPv6 address."""
    digits = f"CASE WHEN contains(x, '.') THEN {_bytes('x')} ELSE lpad(x, 4, '0') END"
    several = f"list_filter(string_split({groups}, ':'), lambda x: x <> '')"
    return f"array_to_string(list_transform({several}, lambda x: {digits}), '')"


def _bytes(address: str) -> str:
    """Hexadecimal digits of an IPv4 address."""
    digits = "lpad(lower(hex(TRY_CAST(y AS UINTEGER))), 2, '0')"
    return f"array_to_string(list_transform(string_split({address}, '.'), lambda y: {digits}), '')"


def _within(given: Arguments, networks: Sequence[Network]) -> str:
    key = _key(given)
    bounds = [tuple(given.parameter(_bound(network, end)) for end in (0, -1)) for network in networks]
    return " OR ".join(f"{key} BETWEEN {first} AND {last}" for first, last in bounds)


def _bound(network: Network, end: int) -> str:
    return f"{network.version}{network[end].packed.hex()}"


def _in_subnet(*versions: int) -> Function:
    def build(given: Arguments) -> Value:
        try:
            network = ip_network(given.said(1), strict=False)
        except ValueError:
            given.refuse("this is no subnet", 1)
        if network.version not in versions:
            given.refuse(f"this is no subnet of IPv{versions[0]}", 1)
        return condition(_within(given, [network]))

    return Function(2, 2, build)


def _private(given: Arguments) -> str:
    return _within(given, [ip_network(network) for network in _PRIVATE])


def _reserved(given: Arguments) -> str:
    return _within(given, [ip_network(network) for network in _RESERVED])


def _public(given: Arguments) -> Value:
    return condition(f"{_key(given)} IS NOT NULL AND NOT ({_private(given)} OR {_reserved(given)})")


def _number(given: Arguments) -> Value:
    key = _key(given)
    return number(f"CASE WHEN starts_with({key}, '4') THEN TRY_CAST('0x' || substring({key}, 2) AS BIGINT)::DOUBLE END")


FUNCTIONS = {
    "isValidIp": Function(1, 1, lambda given: condition(f"{_key(given)} IS NOT NULL")),
    "isValidIpV4": Function(1, 1, lambda given: condition(f"starts_with({_key(given)}, '4')")),
    "isValidIpV6": Function(1, 1, lambda given: condition(f"starts_with({_key(given)}, '6')")),
    "isIpInSubnet": _in_subnet(4, 6),
    "isIpv4InSubnet": _in_subnet(4),
    "isIpv6InSubnet": _in_subnet(6),
    "isPrivateIP": Function(1, 1, lambda given: condition(_private(given))),
    "isReservedIP": Function(1, 1, lambda given: condition(_reserved(given))),
    "isPublicIP": Function(1, 1, _public),
    "ipv4ToNumber": Function(1, 1, _number),
}
