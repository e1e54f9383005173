"""The nearest settings to a name that is none."""

import difflib
from collections.abc import Sequence

from seqapp.errors import ConfigError
from training.settings.flat import sections_of
from training.settings.setting import Setting

_MOST = 3


def unknown_name(name: str, settings: Sequence[Setting], task: str) -> ConfigError:
    """Return the error for `name`, which is not a setting, with the names that may be meant."""
    known = list(dict.fromkeys(setting.name for setting in settings))
    if name in sections_of(known):
        inside = next(one for one in known if one.startswith(f"{name}."))
        return ConfigError(f"{name} is a section of settings; name one of them, such as {inside}")
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"`presets {task} base` lists all settings"
    return ConfigError(f"{name} is not a setting of {task}; {hint}")


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """Return up to three similar dotted names: equal except for separators, of one last part, or close."""
    plain, last = _letters(name), name.rpartition(".")[2]
    keys = sorted({one.rpartition(".")[2] for one in known})
    close = [last] if last in keys else difflib.get_close_matches(last, keys, n=1)
    same_key = [one for one in known if one.rpartition(".")[2] in close]
    return (
        [one for one in known if one.endswith(f".{name}")]
        or [one for one in known if _letters(one).endswith(plain)]
        or difflib.get_close_matches(name, same_key, n=_MOST, cutoff=0.0)
        or difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    )[:_MOST]


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
