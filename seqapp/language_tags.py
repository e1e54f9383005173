"""BCP 47 language tags: parsing, validation against the IANA registry, canonical spelling."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache

import langcodes
from langcodes.registry_parser import parse_registry

from seqapp.errors import ConfigError

_MOST_SHOWN = 40  # characters of a tag, in messages


@dataclass(frozen=True)
class Language:
    """A parsed tag.

    Attributes:
        tag: canonical tag, deprecated codes replaced: ``zh-Hans``, ``pt-BR``, ``he`` for ``iw``.
        language: ISO 639 code, two letters where there is one: ``zh``.
        script: ISO 15924 code as given, "" without one: ``Hans``.
        region: ISO 3166-1 or UN M.49 code as given, "" without one: ``BR``.
    """

    tag: str
    language: str
    script: str = ""
    region: str = ""

    @property
    def likely_script(self) -> str:
        """The given script, or the most likely script of the language; "" if unknown.

        Source: the likely subtags of the Unicode CLDR.
        """
        return self.script or langcodes.Language.get(self.tag).maximize().script or ""

    @property
    def name(self) -> str:
        """English name of the language: ``Korean``."""
        return _registered("language").get(self.language, self.language)


def parse_language(tag: str) -> Language:
    """Parse a BCP 47 tag, in any case, with ``-`` or ``_``.

    Source: RFC 5646, "Tags for Identifying Languages"; codes of the IANA registry.

    Raises:
        ConfigError: the tag is malformed, or its language, script or region is not registered.
    """
    try:
        found = langcodes.Language.get(tag.strip(), normalize=True)
    except (langcodes.LanguageTagError, ValueError):
        raise _unknown(tag) from None
    if not found.language or found.language.startswith("x-") or not found.is_valid():
        raise _unknown(tag)
    return Language(found.to_tag(), found.language, found.script or "", found.territory or "")


def _unknown(tag: str) -> ConfigError:
    shown = repr(tag if len(tag) <= _MOST_SHOWN else f"{tag[:_MOST_SHOWN]}…")
    near = _near(tag[:_MOST_SHOWN])
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return ConfigError(
        f"language: {shown} is not a known language tag (BCP 47, such as en, ko-KR, zh-Hans or pt-BR){hint}"
    )


def _near(tag: str) -> list[str]:
    """Return suggestions: the language of a country code or English name, or a similar code."""
    first = tag.strip().replace("_", "-").partition("-")[0].casefold()
    languages = _registered("language")
    if first in languages and first != tag:
        return [first]  # the language is valid, the rest is not
    by_name = {name.casefold(): code for code, name in reversed(languages.items())}
    if first in by_name:
        return [by_name[first]]
    found = []
    if first.upper() in _registered("region"):
        found.append(langcodes.Language.get(f"und-{first}").maximize().language or "")
    if len(first) > 3:
        found += [by_name[name] for name in difflib.get_close_matches(first, by_name, n=2, cutoff=0.8)]
    else:
        found += difflib.get_close_matches(first, [code for code in languages if len(code) == 2], 1, 0.7)
    return list(dict.fromkeys(filter(None, found)))


@lru_cache(maxsize=2)
def _registered(kind: str) -> dict[str, str]:
    """Return subtag → first English name, two-letter codes first."""
    rows = (row for row in parse_registry() if row.get("Type") == kind and "Deprecated" not in row)
    return {row["Subtag"]: row["Description"][0] for row in rows if "Subtag" in row}
