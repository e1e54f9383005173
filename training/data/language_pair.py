"""Reads the two languages of a translation: `en-ko`, `en-ko-KR`, `pt-BR-en`."""

from __future__ import annotations

from seqapp.errors import ConfigError
from seqapp.language_tags import Language, parse_language

_MOST_SHOWN = 40


def parse_pair(pair: str) -> tuple[str, str]:
    """Source and target of a pair, as BCP 47 tags in their usual spelling.

    Either may have a script and a region. Where the dash between the two can stand in several places
    (`en-pt-BR`: to Brazilian Portuguese, or from the English of Portugal to Breton), the reading that
    spells its tags as usual is taken: language small, region in capitals.

    >>> parse_pair("en-KO")
    ('en', 'ko')
    >>> parse_pair("en-pt-BR")
    ('en', 'pt-BR')

    Raises:
        ConfigError: no dash, a language that is unknown, or several readings that are spelt equally well.
    """
    parts = pair.strip().split("-")
    if len(parts) < 2 or not all(parts):
        raise ConfigError(f"pair: expected source-target such as en-ko, got {_shown(pair)}")
    splits = [("-".join(parts[:place]), "-".join(parts[place:])) for place in range(1, len(parts))]
    readings = {split: found for split in splits if (found := _parsed(*split))}
    usual = [split for split, found in readings.items() if split == (found[0].tag, found[1].tag)]
    choice = usual or list(readings)
    if len(choice) == 1:
        source, target = readings[choice[0]]
        return source.tag, target.tag
    if not choice:
        raise _unknown(pair, parts)
    named = [readings[split] for split in choice]
    raise ConfigError(
        f"pair: {_shown(pair)} can be read as "
        f"{' or '.join(f'{source.tag} to {target.tag}' for source, target in named)}; write the region in "
        f"capitals and the language small, for instance {named[0][0].tag}-{named[0][1].tag}"
    )


def _parsed(source: str, target: str) -> tuple[Language, Language] | None:
    try:
        return parse_language(source), parse_language(target)
    except ConfigError:
        return None


def _unknown(pair: str, parts: list[str]) -> ConfigError:
    """Names the first part that is no language; if all are, no dash stands between two whole tags."""
    for part in parts:
        try:
            parse_language(part)
        except ConfigError as error:
            return ConfigError(f"pair: {_shown(pair)}: {error}")
    return ConfigError(f"pair: expected source-target such as en-ko or en-ko-KR, got {_shown(pair)}")


def _shown(pair: str) -> str:
    return repr(pair if len(pair) <= _MOST_SHOWN else f"{pair[:_MOST_SHOWN]}…")
