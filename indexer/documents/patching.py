"""JSON Merge Patch, RFC 7396: a patch looks like what it changes."""

from collections.abc import Mapping
from typing import Any


def merge_patch(target: object, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target with the entries of the patch; those that are null in it are left out, objects are merged,
    everything else, lists too, is replaced. Neither is changed. Its calls nest as deep as the patch."""
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            merged[name] = merge_patch(merged.get(name), value)
        else:
            merged[name] = value
    return merged
