"""Presets: market assumptions that change together, laid over the venues of an environment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from configs.documents import check_complete
from configs.documents import find
from configs.documents import mapping
from configs.documents import read
from errors import UsageError


DEFAULT = "default"
PRESET_KEYS = {"models"}
_SINGLE = (
    ("fill_model", "fill_model_path"),
    ("latency_model", "latency_model_path"),
    ("fee_model", "fee_model_path"),
)


def apply_preset(venues: Any, preset: str, path: Path) -> None:
    """
    Lay a preset over venues in place.

    A preset names models by their path and gives values of their configurations. A venue without
    such a model stays as it is.

    Parameters
    ----------
    venues : Any
        The `venues` section of an environment.
    preset : str
        The name of a file in `configs/presets`, or the path of a file.
    path : Path
        The environment, for the messages.

    Raises
    ------
    UsageError
        If the preset cannot be read, or no venue has any of its models.

    """
    preset_path = find("presets", preset)
    document = read(preset_path, PRESET_KEYS)
    check_complete(document, PRESET_KEYS, preset_path)
    models = mapping(document["models"], "models", preset_path)
    changes = {
        name: mapping(values, f"models.{name}", preset_path) for name, values in models.items()
    }
    found = False
    for name, venue in mapping(venues, "venues", path).items():
        for model_path, config in models_of(venue, f"venues.{name}", path):
            if model_path in changes:
                config.update(changes[model_path])
                found = True
    if not found:
        raise UsageError(
            f"{preset_path.name}: no venue of {path.name} has a model that it changes; there are "
            f"{', '.join(map(str, changes))}"
        )


def models_of(venue: Any, where: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Yield the models of a venue with their configurations.

    Parameters
    ----------
    venue : Any
        A section of `venues`.
    where : str
        Its key, for the messages.
    path : Path
        The environment, for the messages.

    Raises
    ------
    UsageError
        If a model is none, or has no configuration.

    """
    section = mapping(venue, where, path)
    entries = [
        (f"{where}.{key}", section[key], path_key)
        for key, path_key in _SINGLE
        if section.get(key) is not None
    ]
    modules = section.get("modules") or []
    if not isinstance(modules, list):
        raise UsageError(f"{path.name}: `{where}.modules` must be a list")
    entries += [(f"{where}.modules.{i}", m, "actor_path") for i, m in enumerate(modules)]
    for at, entry, path_key in entries:
        model = mapping(entry, at, path)
        yield str(model.get(path_key)), mapping(model.get("config"), f"{at}.config", path)
