"""The identifier that a cookie keeps."""

from __future__ import annotations

from governance.detectors.base import WholeValue
from governance.detectors.library.device_id import UUID


class CookieId(WholeValue):
    """A visitor's number from a cookie, where the header asks for it.

    Why: it follows one browser, and its user, from page to page.
    Source: the cookies of analytics tools: GA1.2.number.time, fb.1.time.number, UUIDs, digests.
    """

    id = "cookie-id"
    entity = "COOKIE_ID"
    shape = (
        rf"(?:GA1|GS1|fb)\.\d\.\d{{6,13}}\.\d{{6,19}}|\d{{6,10}}\.\d{{10}}|{UUID}|"
        r"[0-9a-f]{16,128}|(?=[^\s]{0,40}\d)(?=[^\s]{0,40}[a-z])[0-9a-z_-]{16,128}"
    )
