"""The recipe of each task."""

from typing import Any

from training.recipes.classification import ClassificationRecipe
from training.recipes.recipe import Recipe
from training.recipes.translation import TranslationRecipe

RECIPES: dict[str, Any] = {"translation": TranslationRecipe, "classification": ClassificationRecipe}


def recipe_of(task: Any) -> Recipe:
    """The recipe for `task`."""
    return RECIPES[task.name](task)
