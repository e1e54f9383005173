/** The views, by the task that a model's signatures are of; the form fits every model. */

import { ClassificationView } from "./classification.js";
import { FormView } from "./form.js";
import { LanguageModelView } from "./language_model.js";
import { MaskedLanguageModelView } from "./masked_language_model.js";
import { TranslationView } from "./translation.js";

const VIEWS = [TranslationView, ClassificationView, LanguageModelView, MaskedLanguageModelView];

/** The views for a model, the most fitting first. */
export function viewsFor(task) {
  return [...VIEWS.filter((view) => view.task === task), FormView];
}
