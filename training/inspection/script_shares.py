"""Scripts of the letters of a feature, and texts that are not in the script of their language."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from seqapp.language_tags import parse_language
from seqapp.text.excerpt import excerpt
from training.data.cleaning import SCRIPT
from training.data.scripts import letter_scripts, scripts_of
from training.inspection.percent import percent

_MOST_SHOWN = 6


def script_shares(texts: Iterable[str], language: str = "") -> dict[str, Any]:
    """Count letters by script, and texts in another script than that of their language.

    A text is in another script if fewer than 10 % of its letters are in the scripts of the language, as for
    `PairCleaner`; a text without letters is counted separately.

    Args:
        texts: texts of one feature.
        language: language tag; "" if it is not given.

    Returns:
        ``{"scripts": {script: share of the letters}, "without_letters": texts}``, and with a language of
        known script ``{"language", "expected", "other_script": texts, "example": excerpt}``.
    """
    expected = scripts_of(language) if language else set()
    letters: Counter[str] = Counter()
    without = other = 0
    example = ""
    for text in texts:
        found = letter_scripts(text)
        letters += found
        if not found:
            without += 1
        elif expected and sum(found[one] for one in expected) < SCRIPT * found.total():
            other += 1
            example = example or excerpt(text)
    total = max(1, letters.total())
    shares: dict[str, Any] = {
        "scripts": {name: count / total for name, count in letters.most_common()},
        "without_letters": without,
    }
    if expected:
        shares |= {
            "language": language,
            "expected": sorted(expected),
            "other_script": other,
            "example": example,
        }
    return shares


def script_line(found: dict[str, Any], rows: int) -> str:
    """Return the shares of a feature in one line."""
    scripts = list(found["scripts"].items())
    parts = [", ".join(f"{name} {percent(share)}" for name, share in scripts[:_MOST_SHOWN]) or "no letters"]
    if len(scripts) > _MOST_SHOWN:
        parts[0] += f" and {len(scripts) - _MOST_SHOWN} more"
    if found["without_letters"]:
        parts.append(f"texts without letters: {found['without_letters']:,}")
    if "language" in found:
        other = f"{found['other_script']:,} ({percent(found['other_script'] / rows)})"
        example = f", e.g. {found['example']}" if found["example"] else ""
        name = parse_language(found["language"]).name
        parts.append(f"texts not in the script of {name} ({found['language']}): {other}{example}")
    return "; ".join(parts)
