"""Parser of language pairs: `en-ko`, `en-ko-KR`, `pt-BR-en`."""

from __future__ import annotations

from seqapp.errors import ConfigError
from seqapp.language_tags import Language, parse_language

_MOST_SHOWN = 40


def parse_pair(pair: str) -> tuple[str, str]:
    """Return source and target language as canonical BCP 47 tags.

    Either tag may have a script and a region. An ambiguous pair (`en-pt-BR`: to Brazilian Portuguese, or
    from the English of Portugal to Breton) is resolved by case: language lower case, region upper case.

    >>> parse_pair("en-KO")
    ('en', 'ko')
    >>> parse_pair("en-pt-BR")
    ('en', 'pt-BR')

    Raises:
        ConfigError: no dash, an unknown language, or an ambiguous pair.
    """
    parts = pair.strip().split("-")
    if len(parts) < 2 or not all(parts):
        raise ConfigError(f"--pair: expected source-target such as en-ko, got {_shown(pair)}")
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
        f"--pair: {_shown(pair)} is ambiguous: "
        f"{' or '.join(f'{source.tag} to {target.tag}' for source, target in named)}; write regions in "
        f"upper case and languages in lower case, e.g. {named[0][0].tag}-{named[0][1].tag}"
    )


def _parsed(source: str, target: str) -> tuple[Language, Language] | None:
    try:
        return parse_language(source), parse_language(target)
    except ConfigError:
        return None


def _unknown(pair: str, parts: list[str]) -> ConfigError:
    """Return an error on the first part that is not a language, else on the pair."""
    for part in parts:
        try:
            parse_language(part)
        except ConfigError as error:
            return ConfigError(f"--pair: {_shown(pair)}: {error}")
    return ConfigError(f"--pair: expected source-target such as en-ko or en-ko-KR, got {_shown(pair)}")


def _shown(pair: str) -> str:
    return repr(pair if len(pair) <= _MOST_SHOWN else f"{pair[:_MOST_SHOWN]}…")
