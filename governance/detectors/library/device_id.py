"""The identifier of a device."""

from __future__ import annotations

from governance.detectors.base import WholeValue

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class DeviceId(WholeValue):
    """An advertising or device identifier, where the header asks for it.

    Why: it follows one device, and its owner, from app to app.
    Source: the UUID of Apple's and Android's advertising ids; Android's 16 hexadecimal digits;
    digests of 32, 40 or 64.
    """

    id = "device-id"
    entity = "DEVICE_ID"
    shape = rf"\{{?(?:{UUID})\}}?|[0-9a-f]{{16}}|[0-9a-f]{{32}}|[0-9a-f]{{40}}|[0-9a-f]{{64}}"
