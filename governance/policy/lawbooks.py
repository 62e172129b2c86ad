"""What the built-in packs say of the law: which articles each control serves, and who looked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from governance.assets import asset_folder
from governance.model.documents import References
from governance.policy.files import pack_names
from governance.policy.reading import read_documents
from governance.policy.validation import validate

_FILE = "references.yaml"


def lawbooks() -> Iterator[tuple[str, str, References]]:
    """Yield each pack's references: the path that the trail records, the file's digest, the text.

    The digest is SHA-256 in hexadecimal digits, as ``policy.loaded`` has it.
    """
    for pack in pack_names():
        path = asset_folder("policies") / pack / _FILE
        if not path.is_file():
            continue
        data = path.read_bytes()
        shown = f"pack:{pack}/{_FILE}"
        for document in read_documents(shown, data).documents:
            written, _ = validate(document, shown)
            if written is not None and isinstance(written.model, References):
                yield shown, hashlib.sha256(data).hexdigest(), written.model
