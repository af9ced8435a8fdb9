import ipaddress
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PART = st.sampled_from(["0", "1", "10", "255", "256", "01", "ffff", "10000", "g", "", "abcd", "FE80"])
ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
    st.lists(PART, min_size=1, max_size=9).map(":".join),
    st.lists(PART, min_size=1, max_size=5).map(".".join),
    st.tuples(st.lists(PART, max_size=6).map(":".join), st.ip_addresses(v=4)).map(
        lambda parts: f"{parts[0]}:{parts[1]}"
    ),
)
NETWORKS = st.sampled_from(
    ["10.0.0.0/8", "192.168.1.77/24", "0.0.0.0/0", "1.2.3.4", "::/0", "fe80::/10", "2001:db8::/33", "::1/128"]
)


def read(address):
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return None
    return None if known.version == 6 and known.scope_id else known  # a zone is no part of an address here


NOTABLE = [
    "::",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4",
    "1::2::3",
    "fe80::1%eth0",
]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ADDRESSES, max_size=30).map(lambda addresses: NOTABLE + addresses), NETWORKS)
def test_addresses_are_what_python_takes_for_them(ask, addresses, network):
    ask.store.delete(ask.group)
    ask.add(*(json.dumps({"ip": address}) for address in addresses))
    names = [
        "isValidIp(ip)",
        "isValidIpV4(ip)",
        "isValidIpV6(ip)",
        f"isIpInSubnet(ip, '{network}')",
        "ipv4ToNumber(ip)",
    ]
    found = ask(f"fields {', '.join(names)} | sort @timestamp asc").values
    for address, values in zip(addresses, found, strict=True):
        known = read(address)
        version = known.version if known else None
        within = known is not None and known in ipaddress.ip_network(network, strict=False)
        kinds = [known is not None, version == 4, version == 6, within]
        assert values == (*map(str, map(int, kinds)), str(int(known)) if version == 4 else None), address


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.0", "public"),
        ("192.168.0.1", "private"),
        ("fd00::1", "private"),
        ("127.0.0.1", "reserved"),
        ("169.254.1.1", "reserved"),
        ("100.64.0.1", "reserved"),
        ("203.0.113.9", "reserved"),
        ("224.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::1", "reserved"),
        ("::", "reserved"),
        ("fe80::1", "reserved"),
        ("ff02::1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("8.8.8.8", "public"),
        ("2a00:1450::1", "public"),
        ("nothing", ""),
    ],
)
def test_every_address_is_of_one_kind(value, address, kind):
    names = ("private", "public", "reserved")
    kinds = f"concat({', '.join(f'if(is{name}IP(ip), {name!r}, {str()!r})' for name in names)})"
    assert value(kinds, f'{{"ip": "{address}"}}') == kind


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("fields isIpInSubnet(ip, '10.0.0.0/33')", "this is no subnet", "'10.0.0.0/33'"),
        ("fields isIpInSubnet(ip, other)", "this has to be a string", "other"),
        ("fields isIpv4InSubnet(ip, '::/0')", "this is no subnet of IPv4", "'::/0'"),
        ("fields isIpv6InSubnet(ip, '10.0.0.0/8')", "this is no subnet of IPv6", "'10.0.0.0/8'"),
    ],
)
def test_what_is_wrong_and_where(refused, text, message, part):
    assert refused(text) == (message, part)
