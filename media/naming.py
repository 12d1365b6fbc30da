"""What the name and the declared type of an upload claim, against what it is."""

from pathlib import PurePath

from core.errors import DomainError

# Names of pictures. Those that are not accepted are here because a name may lie in that way too.
EXTENSIONS = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "image/png": ("png", "apng"),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "image/avif": ("avif", "avifs"),
    "image/heic": ("heic", "heics", "heif", "heifs", "hif"),
    "image/bmp": ("bmp", "dib"),
    "image/jp2": ("jp2", "j2k", "jpx"),
    "image/jxl": ("jxl",),
    "image/svg+xml": ("svg", "svgz"),
    "image/tiff": ("tif", "tiff"),
    "image/vnd.adobe.photoshop": ("psd",),
    "image/x-icon": ("ico",),
}
_BY_EXTENSION = {name: kind for kind, names in EXTENSIONS.items() for name in names}
# Other spellings of the accepted types.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/mpo": "image/jpeg",
    "image/apng": "image/png",
    "image/x-png": "image/png",
    "image/avif-sequence": "image/avif",
    "image/heic-sequence": "image/heic",
    "image/heif": "image/heic",
    "image/heif-sequence": "image/heic",
}


class TypeMismatch(DomainError):
    """The file is not the kind of image that its name or its declared type says."""

    status = 422
    code = "type_mismatch"
    field = "file"


def check_claims(*, media_type: str, file_name: str, declared_type: str) -> None:
    """Names without the extension of a picture, and types that are none, claim nothing.

    Raises TypeMismatch.
    """
    extension = PurePath(file_name).suffix.lstrip(".").lower()
    named = _BY_EXTENSION.get(extension, media_type)
    if named != media_type:
        raise TypeMismatch(f"The name ends in .{extension}, but the file is {media_type}.")
    declared = declared_type.partition(";")[0].strip().lower()
    declared = _ALIASES.get(declared, declared)
    if declared.startswith("image/") and declared not in {media_type, "image/*"}:
        raise TypeMismatch(f"The form says {declared[:80]}, but the file is {media_type}.")
