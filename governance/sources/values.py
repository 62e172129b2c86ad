"""Single values out of parsed JSON, whatever its shape turns out to be."""

from __future__ import annotations

from ipaddress import ip_address

from governance.sources.flatten import scalar_text


def value_at(value: object, *keys: str) -> object:
    """Return what stands below some keys, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_at(value: object, *keys: str) -> str | None:
    """Return the text or number below some keys without blanks around it; None for none."""
    found = value_at(value, *keys)
    if found is None or isinstance(found, dict | list):
        return None
    text = scalar_text(found)
    return (text.strip() or None) if text else None


def address_at(value: object, *keys: str) -> str | None:
    """Return the address below some keys; None for a word such as a service's name."""
    text = text_at(value, *keys)
    try:
        return str(ip_address(text)) if text else None
    except ValueError:
        return None
