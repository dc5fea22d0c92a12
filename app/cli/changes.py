"""What a reindex changed, or will have to do, told to people."""

from rich.console import Console

from app.cli.output import console
from indexer.build import Changes, Needed


def print_changes(changes: Changes) -> None:
    """What is otherwise than in the generation before."""
    out = console()
    documents = changes.documents
    out.print(
        f"  since {changes.since}: {documents.added:,} documents added, {documents.removed:,} removed, "
        f"{documents.changed:,} changed",
        markup=False,
    )
    for view, each in changes.vocabulary.items():
        if each.new or each.gone:
            out.print(f"  {view}: {each.terms:,} terms, {each.new:,} new, {each.gone:,} gone", markup=False)
    if changes.overlap:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in changes.overlap.items())
        out.print(f"  of the first ten hits of {changes.queries} sample queries stay: {shares}", markup=False)
    for query in changes.most:
        out.print(f"    {query.q} ({query.retriever}): {query.overlap:.0%}", markup=False)


def print_pending(index: str, pending: Needed) -> None:
    """What the settings wait for; on standard error, for the settings themselves are JSON."""
    told = [
        f"{what} {', '.join(f'`{name}`' for name in names)}"
        for what, names in (
            ("makes anew", pending.retraining),
            ("encodes anew with", pending.reencoding),
            ("removes", pending.removed),
        )
        if names
    ]
    keep = "" if pending.retraining else " --keep-encoders"
    does = f": it {'; '.join(told)}" if told else ""
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    out.print(f"pending: {pending.needs}, by `textprism reindex {index}{keep}`{does}.", markup=False)
