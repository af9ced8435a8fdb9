"""How the units of Grafana's catalogue are written, by id.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit
"""

from collections.abc import Mapping
from types import MappingProxyType

METRIC: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "Bps": ("B/s", 0),
        "KBs": ("B/s", 1),
        "MBs": ("B/s", 2),
        "GBs": ("B/s", 3),
        "TBs": ("B/s", 4),
        "bps": ("b/s", 0),
        "Kbits": ("b/s", 1),
        "Mbits": ("b/s", 2),
        "Gbits": ("b/s", 3),
        "pps": ("p/s", 0),
        "decbytes": ("B", 0),
        "deckbytes": ("B", 1),
        "decmbytes": ("B", 2),
        "decgbytes": ("B", 3),
        "dectbytes": ("B", 4),
        "decbits": ("b", 0),
        "sishort": ("", 0),
        "hertz": ("Hz", 0),
        "rotrpm": ("rpm", 0),
        "watt": ("W", 0),
        "kwatt": ("W", 1),
        "watth": ("Wh", 0),
        "kwatth": ("Wh", 1),
        "joule": ("J", 0),
        "volt": ("V", 0),
        "amp": ("A", 0),
        "ohm": ("Ω", 0),
        "farad": ("F", 0),
        "henry": ("H", 0),
        "lengthm": ("m", 0),
        "lengthmm": ("m", -1),
        "lengthkm": ("m", 1),
        "massg": ("g", 0),
        "masskg": ("g", 1),
        "litre": ("L", 0),
        "mlitre": ("L", -1),
        "Hs": ("H/s", 0),
        "flops": ("FLOPS", 0),
        "pressurebar": ("bar", 0),
        "pressurepsi": ("psi", 0),
    }
)
"""Units before which k, M, m and so on stand: their symbol, and the power of 1000 that they are given in."""

BINARY: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "bytes": ("B", 0),
        "kbytes": ("B", 1),
        "mbytes": ("B", 2),
        "gbytes": ("B", 3),
        "tbytes": ("B", 4),
        "pbytes": ("B", 5),
        "bits": ("b", 0),
        "binBps": ("B/s", 0),
        "KiBs": ("B/s", 1),
        "MiBs": ("B/s", 2),
        "GiBs": ("B/s", 3),
        "TiBs": ("B/s", 4),
        "binbps": ("b/s", 0),
        "Kibits": ("b/s", 1),
        "Mibits": ("b/s", 2),
        "Gibits": ("b/s", 3),
    }
)
"""Units before which Ki, Mi and so on stand: their symbol, and the power of 1024 that they are given in."""

COUNTED: Mapping[str, str] = MappingProxyType(
    {
        "cps": "c/s",
        "ops": "ops/s",
        "reqps": "req/s",
        "rps": "rd/s",
        "wps": "wr/s",
        "iops": "io/s",
        "eps": "evt/s",
        "mps": "msg/s",
        "recps": "rec/s",
        "rowsps": "rows/s",
        "cpm": "c/m",
        "opm": "ops/m",
        "reqpm": "req/m",
        "rpm": "rd/m",
        "wpm": "wr/m",
        "epm": "evt/m",
        "mpm": "msg/m",
        "recpm": "rec/m",
        "rowspm": "rows/m",
    }
)
"""Counts in a time: thousands of them are K, millions M, billions B."""

FIXED: Mapping[str, str] = MappingProxyType(
    {
        "": "",
        "none": "",
        "percent": "%",
        "humidity": " %H",
        "ppm": " ppm",
        "ppb": " ppb",
        "conppm": " ppm",
        "dB": " dB",
        "dBm": " dBm",
        "degree": "°",
        "celsius": " °C",
        "fahrenheit": " °F",
        "kelvin": " K",
        "mcpu": " m",
        "velocityms": " m/s",
        "velocitykmh": " km/h",
        "accMS2": " m/s²",
        "areaM2": " m²",
        "m3": " m³",
        "pH": " pH",
        "lux": " lx",
        "lumen": " lm",
        "pressurehpa": " hPa",
        "pressuremb": " mBar",
    }
)
"""Units that are not scaled: what stands behind the value."""

CURRENCIES: Mapping[str, str] = MappingProxyType(
    {
        "currencyUSD": "$",
        "currencyEUR": "€",
        "currencyGBP": "£",
        "currencyJPY": "¥",
        "currencyCNY": "¥",
        "currencyINR": "₹",
        "currencyBTC": "฿",
        "currencyRUB": "₽",
    }
)
"""What stands before a sum of money."""
