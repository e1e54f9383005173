"""The command `corpora`."""

from rich.console import Console

from training.data.corpora.registry import CORPORA


def corpora() -> None:
    """List the built-in corpora with their licences and sizes."""
    console = Console(soft_wrap=True, highlight=False)
    for corpus in CORPORA.values():
        console.print(f"[bold]{corpus.name}[/bold]")
        for label in ("task", "licence", "size", "obtained", "split"):
            console.print(f"  {label:9} {getattr(corpus, label)}")
        if corpus.pairs:
            console.print(f"  {'pairs':9} {' '.join(corpus.pairs)}")
