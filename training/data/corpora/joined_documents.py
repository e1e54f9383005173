"""Texts of a corpus as whole documents."""

from __future__ import annotations

from collections.abc import Iterable

from training.data.reading_report import ReadingReport


def joined_documents(found: Iterable[tuple[str, str]], report: ReadingReport) -> list[tuple[str, str]]:
    """Join the texts of each document by spaces.

    Args:
        found: ``(document, text)``, the texts of a document in their order.
        report: receives a note with the number of documents.

    Returns:
        ``(document, its text)``, in the order of the first texts.
    """
    documents: dict[str, list[str]] = {}
    for document, text in found:
        documents.setdefault(document, []).append(text)
    report.notes.append(f"joined to {len(documents):,} documents")
    return [(document, " ".join(texts)) for document, texts in documents.items()]
