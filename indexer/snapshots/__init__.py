"""Snapshots: all that a data folder holds in one archive, taken while it is written to; and back."""

from indexer.snapshots.archive import Manifest, Member
from indexer.snapshots.restoring import restore
from indexer.snapshots.taking import Snapshot, Snapshots

__all__ = ["Manifest", "Member", "Snapshot", "Snapshots", "restore"]
