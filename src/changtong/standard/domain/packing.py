"""Files of an edition as one zip, and back."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from changtong.kernel.errors import Refused


# Generous for an edition and small for a mistake; a zip may claim to be much larger than it is.
FILES_AT_MOST = 500
BYTES_AT_MOST = 10_000_000
# The same files make the same bytes, whenever they are packed.
_MOMENT = (2000, 1, 1, 0, 0, 0)


def packed(texts: Mapping[str, str]) -> bytes:
    """Return the files as a zip, always the same for the same files."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name in sorted(texts):
            archive.writestr(ZipInfo(name, _MOMENT), texts[name].encode(), ZIP_DEFLATED)
    return buffer.getvalue()


def unpacked(data: bytes) -> dict[str, str]:
    """
    Return the TOML files of a zip by name; a folder around all of them does not matter.

    :raises Refused: ``package.unreadable``, ``package.too_large``, ``package.empty``
    """
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if one.filename.endswith(".toml")]
            total = sum(one.file_size for one in entries)
            if len(entries) > FILES_AT_MOST or total > BYTES_AT_MOST:
                raise Refused("package.too_large", clause="26.3", at_most=FILES_AT_MOST)
            found = {one.filename: archive.read(one).decode() for one in entries}
    except (BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused("package.unreadable", clause="26.3") from error
    heads = [name for name in found if name.rsplit("/", 1)[-1] == "edition.toml"]
    if not heads:
        raise Refused("package.empty", clause="26.3")
    around = min(heads, key=len).removesuffix("edition.toml")
    return {
        name.removeprefix(around): text for name, text in found.items() if name.startswith(around)
    }
