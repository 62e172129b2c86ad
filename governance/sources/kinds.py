"""What a file of a change is: data, a model, text that may hold data, or none of these."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath

HEAD_BYTES = 512


class FileKind(StrEnum):
    """What becomes of a file that a change brings."""

    DATA = "data"
    MODEL = "model"
    TEXT = "text"
    UNKNOWN = "unknown"
    OTHER = "other"


_PACKED = (".gz", ".bz2", ".xz", ".zst", ".gzip", ".zstd")


def _endings(text: str) -> frozenset[str]:
    return frozenset(f".{word}" for word in text.split())


_DATA = _endings(
    "csv tsv tab psv json jsonl ndjson parquet pq feather arrow ipc orc avro xlsx xlsm sqlite"
    " sqlite3 db db3 duckdb zip tar tgz tbz2 txz gz bz2 xz zst"
)
_MODEL = _endings(
    "pkl pickle joblib dill pt pth ckpt safetensors onnx h5 hdf5 keras pb tflite gguf ggml mar npz"
    " npy model cbm ubj pmml mlmodel skops t7 params caffemodel rds rda mlpackage engine nemo"
)
# Files of programs, pages and pictures: reviewed as what they are, no data sets.
_OTHER = _endings(
    "py pyi ipynb js mjs ts tsx jsx java kt scala go rs c h cc cpp hpp cs rb php pl r jl lua swift"
    " m sh bash zsh fish ps1 bat md rst adoc tex html htm css scss less vue svelte yaml yml toml"
    " ini cfg conf properties lock gradle xml xsd svg png jpg jpeg gif webp ico bmp pdf docx pptx"
    " odt woff woff2 ttf otf j2 jinja tf proto graphql cmake mk in po pot patch diff whl jar class"
    " so dll exe pyc mp3 mp4 wav pem pub crt sum mod"
)
_OTHER_NAMES = re.compile(
    r"(licen[cs]e|copying|notice|authors|contributors|maintainers|codeowners|readme|changelog|changes"
    r"|news|makefile|dockerfile|jenkinsfile|procfile|vagrantfile|gemfile|rakefile|requirements"
    r"|constraints|package|package-lock|tsconfig|composer|robots|\.git\w+|\.docker\w+|\.editorconfig)"
    r"([-.].*)?",
    re.IGNORECASE,
)
_CODE_TEXTS = frozenset({"", ".txt", ".json"})
# How a file begins, whatever it is called. Sources: the formats' own specifications.
_DATA_MARKS = (b"PAR1", b"ARROW1", b"ORC", b"Obj\x01", b"SQLite format 3\x00", b"FEA1")
_PACK_MARKS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_MODEL_MARKS = (b"\x89HDF\r\n\x1a\n", b"GGUF", b"\x93NUMPY")
_PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95.{8})?[\x00-\xff]", re.DOTALL)
_TORCH = re.compile(
    rb"PK\x03\x04.{26}[^/\x00]{1,80}/(?:data\.pkl|byteorder|\.format_version)", re.DOTALL
)
_SAFETENSORS = re.compile(rb'[\x00-\xff]{5}\x00{3}\{[\s\x00-\xff]{0,400}"(?:dtype|__metadata__)"')


def kind_of(path: str, head: bytes) -> FileKind:
    """Return what a file is by its name and its first bytes; nothing is unpacked or loaded.

    Args:
        path: As the repository spells it. head: At most the first ``HEAD_BYTES`` bytes.
    """
    file = PurePosixPath(path.lower())
    ending = file.suffix
    bare = PurePosixPath(file.stem).suffix if ending in _PACKED else ending
    is_known_text = ending in _CODE_TEXTS and _OTHER_NAMES.fullmatch(file.name) is not None
    if _is_model(head) or ending in _MODEL or bare in _MODEL:
        return FileKind.MODEL
    if head.startswith(_DATA_MARKS) or head[8:12] == b"DUCK":
        return FileKind.DATA
    if ending in _OTHER or is_known_text:
        return FileKind.OTHER
    if ending in _DATA or head.startswith((*_PACK_MARKS, b"PK\x03\x04")):
        return FileKind.DATA
    return _plain_kind(ending, head)


def _plain_kind(ending: str, head: bytes) -> FileKind:
    if b"\x00" not in head:
        return FileKind.TEXT
    return FileKind.MODEL if ending == ".bin" else FileKind.UNKNOWN


def _is_model(head: bytes) -> bool:
    is_marked = head.startswith(_MODEL_MARKS)
    return is_marked or any(each.match(head) for each in (_PICKLE, _TORCH, _SAFETENSORS))
