import ipaddress

import pytest
from hypothesis import HealthCheck, example, given, settings
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
        return ipaddress.ip_address(address)
    except ValueError:
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(ADDRESSES, NETWORKS)
@example("::", "::/0")
@example("::ffff:1.2.3.4", "::/0")
@example("1:2:3:4:5:6:7::", "::/0")
@example("::2:3:4:5:6:7:8", "::/0")
@example("1:2:3:4:5:6:1.2.3.4", "::/0")
@example("1::2::3", "::/0")
@example("fe80::1%eth0", "::/0")
@example("1.2.3.4\n", "0.0.0.0/0")
def test_addresses_are_what_python_takes_for_them(value, address, network):
    known = read(address)
    if known is not None and known.version == 6 and known.scope_id:
        known = None  # a zone is no part of an address here
    event = f'{{"ip": {address!r}}}'.replace("'", '"')
    within = known is not None and known in ipaddress.ip_network(network, strict=False)
    found = value(
        f"concat(isValidIp(ip), isValidIpV4(ip), isValidIpV6(ip), isIpInSubnet(ip, '{network}'), "
        "coalesce(ipv4ToNumber(ip), '-'))",
        event,
    )
    version = known.version if known else None
    number = int(known) if version == 4 else "-"
    assert found == f"{int(known is not None)}{int(version == 4)}{int(version == 6)}{int(within)}{number}"


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
