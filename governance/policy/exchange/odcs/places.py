"""Servers of a contract and locations of a dataset, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from governance.model.asset import PlaceType
from governance.policy.exchange.cursor import Cursor, Said
from governance.policy.exchange.words import slug

# What stands where in an address, by the type of server: host or account, then the database.
_HOSTS = ("host", "account", "project")
_DATABASES = ("database", "catalog", "serviceName", "dataset")
_FORMATS = frozenset(place.value for place in PlaceType)

# The keys that a server of a type must have, of those that an address can give.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "bigquery": ("project", "dataset"),
    "clickhouse": ("host", "port", "database"),
    "cloudsql": ("host", "port", "database", "schema"),
    "databricks": ("catalog", "schema"),
    "db2": ("host", "port", "database"),
    "hive": ("host", "database"),
    "impala": ("host", "database"),
    "informix": ("host", "database"),
    "mysql": ("host", "port", "database"),
    "oracle": ("host", "port", "serviceName"),
    "postgres": ("host", "port", "database", "schema"),
    "postgresql": ("host", "port", "database", "schema"),
    "redshift": ("database", "schema"),
    "snowflake": ("account", "database", "schema"),
    "sqlserver": ("host", "database", "schema"),
    "synapse": ("host", "port", "database"),
    "trino": ("host", "port", "catalog", "schema"),
    "vertica": ("host", "port", "database", "schema"),
    "zen": ("host", "database"),
}


def read_place(server: Cursor, table: str | None) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the location that a server and an object's physical name make.

    Credentials in an address are left out and told.
    """
    name, kind = server.said("server"), server.said("type")
    if name is None or kind is None or not slug(name.text):
        return None
    place = _address(server, kind.text, table)
    if place is None:
        server.ledger.lose(name, "its type says no address that a location could hold")
        return None
    for key, wanted in (("format", _FORMATS), ("environment", None)):
        said = server.said(key)
        word = slug(said.text) if said else ""
        if said and (not word or (wanted is not None and word not in wanted)):
            server.ledger.lose(said, "no word that a location knows")
        elif said:
            place["type" if key == "format" else key] = word
    region = server.said("region") or server.said("regionName")
    if region and region.text.isupper():
        place["region"] = region.text
    elif region:
        server.ledger.lose(region, "a provider's name of a region is no country")
    return slug(name.text), place


def _address(server: Cursor, kind: str, table: str | None) -> dict[str, Any] | None:
    schema = server.said("schema")
    full = f"{schema.text}.{table}" if schema and table else table
    path, location = server.said("path"), server.said("location")
    if path:
        return {"path": path.text}
    if location:
        return {"url": _without_secrets(server, location)}
    if kind == "duckdb":
        database = server.said("database")
        return _known(type="duckdb", path=database.text, table=full) if database else None
    host = next((said for key in _HOSTS if (said := server.said(key))), None)
    database = next((said for key in _DATABASES if (said := server.said(key))), None)
    if host is None and database is None:
        return None
    port = server.said("port")
    shown = f"{host.text if host else ''}{f':{port.text}' if port and host else ''}"
    shown = shown.rpartition("@")[2]
    return _known(url=f"{kind}://{shown}{f'/{database.text}' if database else ''}", table=full)


def _known(**values: str | None) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _without_secrets(server: Cursor, location: Said) -> str:
    """Return an address without a user, a password or a signed query."""
    scheme, separator, rest = location.text.partition("://")
    if not separator:
        return location.text
    authority, slash, path = rest.partition("/")
    clean = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
    if clean != location.text:
        server.ledger.doubt(location, "a user, a password or a query of an address is left out")
    return clean


def write_server(name: str, place: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the server of a location, and the physical name that its table has there."""
    table = place.get("table")
    server: dict[str, Any] = {"server": name, "type": "custom"}
    if place.get("type") == "duckdb" and "path" in place:
        server |= {"type": "duckdb", "database": place["path"]}
    elif "path" in place and place.get("type", "auto") != "auto":
        server |= {"type": "local", "path": place["path"], "format": place["type"]}
    elif "path" in place:
        server |= {"path": place["path"]}
    else:
        found, table = _from_url(place["url"], table)
        server |= found
        if place.get("type", "auto") != "auto":
            server["format"] = place["type"]
    for key in ("environment", "region"):
        is_open = key == "environment" or server["type"] in ("custom", "redshift", "kinesis")
        if key in place and is_open:
            server[key] = place[key]
    return server, table


def _from_url(url: str, table: str | None) -> tuple[dict[str, Any], str | None]:
    parts = urlsplit(url)
    needed = _NEEDED.get(parts.scheme)
    schema, dot, short = (table or "").rpartition(".")
    said: dict[str, Any] = {"schema": schema} if dot else {}
    try:
        port = parts.port
    except ValueError:
        port = None
    for key in needed or ():
        if key in _HOSTS and parts.hostname:
            said[key] = parts.hostname
        elif key == "port" and port is not None:
            said[key] = port
        elif key in _DATABASES and parts.path.strip("/"):
            said[key] = parts.path.strip("/")
    if needed is None or not set(needed) <= set(said):
        return {"location": url}, table
    return {"type": parts.scheme, **said}, short or table
