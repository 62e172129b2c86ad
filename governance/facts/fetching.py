"""Fetching facts from the address that a person named, and from nowhere else."""

from __future__ import annotations

import base64
import time
from http.client import HTTPException, HTTPMessage
from typing import IO, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from governance.errors import FactsError
from governance.facts.parsing import MAX_BYTES

_SECONDS_OF_SILENCE = 20
_SECONDS_AT_MOST = 300
_CHUNK = 1024 * 1024
_REMEDY = "check the address, or fetch the file yourself and name it"


def fetch(address: str) -> tuple[bytes, str]:
    """Return what an http or https address holds, and the address without its secrets.

    User and password of the address are sent as HTTP Basic; its query is sent and never told. A
    redirect is followed within the same host alone: another one was not named.

    Raises:
        FactsError: If it cannot be had, or is larger than facts may be.
    """
    told = "the address of the facts"
    try:
        url = urlsplit(address)
        told = f"{url.scheme}://{_host(url)}{url.path}"
        request = Request(urlunsplit(url._replace(netloc=_host(url), fragment="")))  # noqa: S310
        if url.username is not None:
            pair = f"{unquote(url.username)}:{unquote(url.password or '')}".encode()
            header = f"Basic {base64.b64encode(pair).decode()}"
            request.add_unredirected_header("Authorization", header)
        return _read(request, told), told
    except HTTPError as cause:
        cause.close()
        _fail(told, f"the server answered {cause.code}")
    except URLError as cause:
        reason = getattr(cause.reason, "strerror", None) or type(cause.reason).__name__
        _fail(told, f"cannot be fetched: {reason}".lower())
    except (OSError, HTTPException, ValueError) as cause:
        _fail(told, f"cannot be fetched: {type(cause).__name__}")


def _read(request: Request, told: str) -> bytes:
    until = time.monotonic() + _SECONDS_AT_MOST
    parts, size = [], 0
    with build_opener(_SameHost).open(request, timeout=_SECONDS_OF_SILENCE) as answer:
        while part := answer.read(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                _fail(told, f"it is larger than {MAX_BYTES // 1024**2} MiB")
            if time.monotonic() > until:
                _fail(told, f"it took longer than {_SECONDS_AT_MOST} seconds")
        stated = answer.headers.get("Content-Length")
    if stated is not None and stated != str(size):
        _fail(told, "the connection ended early")
    return b"".join(parts)


class _SameHost(HTTPRedirectHandler):
    """Follows a redirect only to where the person sent us."""

    def redirect_request(  # noqa: PLR0917 (the library's own signature)
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        """Return the request to follow, if scheme, host and port stay the same."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            fp.close()
            problem = f"it leads on to another host, {_host(new)}"
            raise FactsError(f"{old.scheme}://{old.netloc}{old.path}", problem, _REMEDY)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _host(url: SplitResult) -> str:
    """Return host and port without user and password."""
    return url.netloc.rpartition("@")[2]


def _fail(told: str, problem: str) -> NoReturn:
    raise FactsError(told, problem, _REMEDY) from None
