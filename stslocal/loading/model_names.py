"""What a person may type to name models: packs, models, engines, short names, languages.

`stslocal models pull` takes what `--asr`, `--mt`, `--tts`, `--from` and `--to` take.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from stslocal.engines import registry
from stslocal.engines.registry import Choice
from stslocal.errors import NotSpokenError, SettingsError
from stslocal.languages import find, is_code, name_of
from stslocal.languages import languages as every_language
from stslocal.loading.missing import differ_by_language
from stslocal.loading.needs import models_for
from stslocal.loading.select import select_engines
from stslocal.models.firefox import pivot_models
from stslocal.models.manifest import Model
from stslocal.models.opus import OPUS
from stslocal.models.store import ModelStore
from stslocal.settings import NO_SPEECH, Settings

_REGIONS = ("br", "ca", "tw")
"""Languages whose codes mean a region after another language's code: `pt-br`, `fr-ca`, `zh-tw`."""
_PAIR = re.compile(r"(?:(firefox|opus)-)?([a-z]{2,3})(?:-|-?>|→|:|/)([a-z]{2,3})(-tiny)?")
"""A pair as a person may write it."""
_WITH_OPTION = ("recognition", "translation", "synthesis")
"""Roles whose models --asr, --mt and --tts name. A part of a name stands for one of these first."""
_NEAR_LANGUAGE = 0.75
"""How much a word must be like a language's name, so that brazilian is not Friulian."""


def models_to_pull(
    names: Sequence[str],
    settings: Settings,
    store: ModelStore,
    languages: Sequence[str] = (),
    *,
    with_terms: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> list[Model]:
    """The models that names stand for, each once.

    A name is that of a pack or a model; of an engine, for the model that an option with its name
    takes; a language (`fr`: what `--to fr` needs, `en-fr`: with `--from en`); or the part of a
    model's name that only one has (`small`, `600m`). A pack of translators by language brings those
    of `languages`, codes; `with_terms` also their voices whose publisher asks to agree to terms.
    `say` gets a sentence where a language is not spoken. Raises SettingsError with the nearest
    names.
    """
    ids = _of_pack_languages(names, store, languages)
    if with_terms:
        ids.update(dict.fromkeys(model.id for model in voices_with_terms(languages, store)))
    for name in names:
        found = _by_name(name, store) or _of_weights(name)
        found = found or _of_languages(name, settings, store, say)
        if not found and (choices := _of_engine(name)):
            here = [choice for choice in choices if _is_installed(choice, store)]
            if not here and differ_by_language(choices):
                choices = _of_target(choices, settings)
            found = (here or [_only_one(choices)])[0].weights.models
        ids.update(dict.fromkeys(found or _by_part(name, store)))
    return [store.manifest.model(model_id) for model_id in ids]


def voices_with_terms(languages: Iterable[str], store: ModelStore) -> list[Model]:
    """The voices of these languages for any use whose publisher asks to agree to terms."""
    ends = tuple(f"-{code}" for code in languages)
    return [
        model
        for model in store.manifest.models.values()
        if model.commercial and model.terms_url and model.id.endswith(ends)
    ]


def installed_models(names: Iterable[str], store: ModelStore) -> list[Model]:
    """The models that names stand for where they are verified or removed.

    As `models_to_pull`, but an engine's name stands for all of its models that are installed, and
    a language is refused, because its models serve other languages too.
    """
    ids: dict[str, None] = {}
    for name in names:
        found = _by_name(name, store)
        if not found and (choices := _of_engine(name)):
            here = [choice for choice in choices if _is_installed(choice, store)]
            taken = here or [choices[-1]]
            found = tuple(model for choice in taken for model in choice.weights.models)
        if not found and (needed := _of_languages(name, Settings(), store)):
            raise SettingsError(
                f"'{name}' is no model, and what it needs serves other languages too: name what "
                f"you mean of {', '.join(needed)}"
            )
        ids.update(dict.fromkeys(found or _by_part(name, store)))
    return [store.manifest.model(model_id) for model_id in ids]


def _by_name(name: str, store: ModelStore) -> tuple[str, ...]:
    """The models of the pack or model that is named in full; none for another name."""
    wanted = _normalized(name)
    for pack in store.packs.values():
        if wanted == _normalized(pack.id):
            return pack.models
    return tuple(model for model in store.manifest.models if wanted == _normalized(model))


def _of_pack_languages(
    names: Sequence[str], store: ModelStore, languages: Sequence[str]
) -> dict[str, None]:
    """The models of the packs by language among these names, first the translators.

    Raises SettingsError where a language is missing or has no translator.
    """
    packs = [
        pack
        for pack in store.packs.values()
        if pack.per_language and _normalized(pack.id) in map(_normalized, names)
    ]
    if not packs and languages:
        able = " or ".join(pack.id for pack in store.packs.values() if pack.per_language)
        raise SettingsError(
            f"--languages chooses the translators of a pack: name the pack too ({able})"
        )
    if not packs:
        return {}
    if len(languages) < 2:
        raise SettingsError(
            f"{packs[0].id} brings the translators of your languages, two or more: run "
            f"`stslocal models pull {packs[0].id} --languages en,fr`"
        )
    known = store.manifest.models
    ids: dict[str, None] = {}
    for code in languages:
        of_code = pivot_models(code, known) or pivot_models(code, known, OPUS)
        in_packs = any(code in (f"{model}-").split("-") for pack in packs for model in pack.models)
        if not (of_code or in_packs):
            raise SettingsError(
                f"there is no Firefox or OPUS-MT model for {name_of(code)}: leave it out, or run "
                f"`stslocal models pull {code}` for another translator"
            )
        ids.update(dict.fromkeys(of_code))
    return ids


def _of_weights(name: str) -> tuple[str, ...]:
    """The models of the choice of an engine that `--asr`, `--mt` or `--tts` names so in full."""
    wanted = _normalized(name)
    for entry in registry.ENGINES:
        for weights in entry.weights:
            if weights.models and wanted == _normalized(Choice(entry, weights).name):
                return weights.models
    return ()


def _of_engine(name: str) -> tuple[Choice, ...]:
    """The choices of the engine that is named, the best first; none for another name."""
    entries = {entry.name: entry for entry in registry.ENGINES}
    entry = entries.get(registry.short_for(name, entries) or "")
    if entry is None or not entry.weights[0].models:
        return ()
    return registry.choices(entry.role, entry.name)


def _only_one(choices: Sequence[Choice]) -> Choice:
    """The choice of an engine that its name stands for.

    Raises SettingsError for an engine that has nothing but models for a pair each.
    """
    last = choices[-1]
    if last.weights.name and not last.weights.by_engine_name:
        raise SettingsError(
            f"{last.entry.name} has a model for each pair of languages: name the pair, as in "
            f"`stslocal models pull {last.name}`"
        )
    return last


def _of_target(choices: Sequence[Choice], settings: Settings) -> tuple[Choice, ...]:
    """The voice for the language of the settings. Raises SettingsError where they have none."""
    found = [each for each in choices if settings.target in each.capabilities.languages]
    if not found:
        each = ", ".join(choice.name for choice in choices)
        engine = choices[0].entry.name
        raise SettingsError(f"{engine} has a model for each language: name one of {each}")
    return tuple(found)


def _of_languages(
    name: str,
    settings: Settings,
    store: ModelStore,
    say: Callable[[str], None] = lambda text: None,
) -> tuple[str, ...]:
    """The models for the language or the pair that is named; none for another name."""
    first, _, second = name.partition("-")
    if is_code(first) and is_code(second) and second not in (first, *_REGIONS):
        source, target = first, second
    else:
        try:
            source, target = settings.source, find(name).code
        except SettingsError:
            return ()
        source = "auto" if source == target else source
    wanted = replace(settings, source=source, target=target)
    try:
        needed = models_for(wanted, store, select_engines(wanted, store))
    except NotSpokenError:
        text = replace(wanted, tts=NO_SPEECH)
        needed = models_for(text, store, select_engines(text, store))
        say(
            f"no voice speaks {name_of(target)}: `stslocal translate ... --to {target} --tts "
            f"{NO_SPEECH}` writes subtitles (for speech in it: `stslocal models pull {target}-en`)"
        )
    except SettingsError as error:
        other = "en" if source in ("auto", target) else source
        if not _has_models(replace(wanted, source=target, target=other), store):
            raise
        raise SettingsError(
            f"{error}; for speech in {name_of(target)}: run `stslocal models pull {target}-{other}`"
        ) from error
    return tuple(model.id for model in needed)


def _has_models(settings: Settings, store: ModelStore) -> bool:
    try:
        return bool(models_for(settings, store, select_engines(settings, store)))
    except SettingsError:
        return False


def _by_part(name: str, store: ModelStore) -> tuple[str, ...]:
    """The model of whose name a part is given. Raises SettingsError with the nearest names."""
    models = [*store.manifest.models]
    by_option = [each for each in models if store.manifest.models[each].role in _WITH_OPTION]
    if found := registry.short_for(name, by_option) or registry.short_for(name, models):
        return (found,)
    wanted = _normalized(name)
    if pair := _unknown_pair(name, models):
        raise SettingsError(pair)
    begun = [model for model in models if _normalized(model).startswith(f"{wanted}-")]
    if len(begun) == 1:
        return (begun[0],)
    engines = [entry.name for entry in registry.ENGINES if entry.weights[0].models]
    known = [*store.packs, *models, *engines]
    spoken = [language.name.lower() for language in every_language()]
    near = begun or _nearest(name, known) or _nearest(name, spoken, _NEAR_LANGUAGE)
    if near:
        raise SettingsError(
            f"there is no pack or model '{name}': did you mean {_alternatives(near)}?"
        )
    raise SettingsError(
        f"there is no pack or model '{name}': name a pack ({', '.join(store.packs)}), a model of "
        f"`stslocal models list`, an engine ({', '.join(engines)}) or a language such as fr"
    )


def _unknown_pair(name: str, models: Sequence[str]) -> str:
    """What to say where a name is that of a pair for which there is no model; else nothing."""
    found = _PAIR.fullmatch(_normalized(name))
    if found is None:
        return ""
    engine, source, target = found[1] or "", found[2], found[3]
    unknown = [code for code in (source, target) if not is_code(code)]
    if len(unknown) == 2 and not engine:
        return ""
    whole = f"{engine}-{source}-{target}"
    if found[4] and whole in models:
        return f"there is one size of {whole}: run `stslocal models pull {whole}`"
    start = f"there is no pack or model '{name}': "
    if unknown:
        each = " and ".join(f"'{code}'" for code in unknown)
        return f"{start}{each} {'is' if len(unknown) == 1 else 'are'} no code of a language"
    if source == target:
        return f"{start}it names one language twice"
    if engine:
        return f"{start}run `stslocal models pull {source}-{target}` for what has this pair"
    return f"{start}did you mean '{source}-{target}'?"


def _is_installed(choice: Choice, store: ModelStore) -> bool:
    return all(store.installed(model) for model in choice.weights.models)


def _nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    return difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=cutoff)


def _alternatives(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))


def _normalized(name: str) -> str:
    return name.replace("_", "-").lower()
