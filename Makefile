# Everything there is to do, in one place. `make` prints it.

TASK   ?= translation
CORPUS ?= $(CORPUS_of_$(TASK))
PAIR   ?= $(if $(DATA),,$(PAIR_of_$(CORPUS)))
PRESET ?= base
DATA   ?=
VALID  ?=
TEST   ?=
TEXT_COLUMN  ?=
LABEL_COLUMN ?=
MULTI_LABEL  ?=
EPOCHS ?=
NAME   ?= $(TASK)
RUN    ?= runs/$(TASK)-$(if $(DATA),$(notdir $(DATA)),$(CORPUS)$(if $(PAIR),-$(PAIR)))-$(PRESET)
MODEL  ?= models/$(NAME)
IMAGE  ?=
TEXT   ?= $(TEXT_of_$(TASK))
GRPC_PORT ?= 8500
REST_PORT ?= 8501

# What each task has by default.
CORPUS_of_translation    := libreoffice-help
CORPUS_of_classification := vader-sentiment
PAIR_of_libreoffice-help := en-ko
TEXT_of_translation      := Click OK to save the document.
TEXT_of_classification   := The food was wonderful and the people were kind.
BASELINE_of_translation    := nearest
BASELINE_of_classification := linear

SYSTEM_PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
PYTHON := $(VENV)/bin/python
READY  := $(VENV)/.ready

FIT_DATA = $(if $(DATA),--data "$(DATA)" $(if $(VALID),--valid "$(VALID)") $(if $(TEST),--test "$(TEST)"),$(if $(CORPUS),--corpus $(CORPUS))) \
           $(if $(PAIR),--pair $(PAIR)) $(COLUMNS_OF_DATA) $(if $(MULTI_LABEL),--multi-label "$(MULTI_LABEL)") \
           $(if $(EPOCHS),--epochs $(EPOCHS))
COLUMNS_OF_DATA = $(if $(TEXT_COLUMN),--text-column "$(TEXT_COLUMN)") $(if $(LABEL_COLUMN),--label-column "$(LABEL_COLUMN)")
# Without RUN= it is DATA that names the run, and the run keeps what it held out of it.
EVALUATE_DATA = $(if $(DATA),$(if $(filter file,$(origin RUN)),,--data "$(DATA)" $(COLUMNS_OF_DATA)))

# What has to be said again for a model that is not where the default is.
NAMED = $(if $(filter-out translation,$(TASK)), TASK=$(TASK))$(if $(filter-out $(TASK),$(NAME)), NAME=$(NAME))$(if $(filter-out models/$(NAME),$(MODEL)), MODEL=$(MODEL))

.DEFAULT_GOAL := help
.PHONY: help setup train export evaluate serve query image deploy deploy-check unit test lint compat bench bench-serving clean

help: ## prints this
	@echo "seqapp: text pairs or labelled texts → Keras → one SavedModel (strings in, text out) → TensorFlow Serving"
	@echo
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  variables  TASK=$(TASK) CORPUS=$(CORPUS) PAIR=$(PAIR) PRESET=$(PRESET) RUN=$(RUN)"
	@echo "             MODEL=$(MODEL) DATA=your.tsv[.gz] VALID= TEST= EPOCHS= TEXT=\"…\" GRPC_PORT= REST_PORT="
	@echo "             of labelled DATA: TASK=classification TEXT_COLUMN= LABEL_COLUMN= MULTI_LABEL="

setup: $(READY) ## the environment in .venv

$(READY): requirements.txt
	@test -n "$(SYSTEM_PYTHON)" || { echo "error: Python 3.11 is needed and was not found on the PATH"; exit 1; }
	@echo "installing into $(VENV) (once)"
	@$(SYSTEM_PYTHON) -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

train: $(READY) ## corpus, training, scores, exported model (TASK=translation|classification, PRESET=tiny|base|…)
	$(PYTHON) -m training fit --task $(TASK) $(FIT_DATA) --preset $(PRESET) --run "$(RUN)"
	@$(MAKE) --no-print-directory export
	@echo
	@echo "next:  make serve$(NAMED)     and, in another terminal,     make query$(NAMED) TEXT=\"$(if $(DATA),…,$(TEXT))\""

export: $(READY) ## the trained RUN as the next version of MODEL
	$(PYTHON) -m serving export --run "$(RUN)" --model "$(MODEL)"

evaluate: $(READY) ## scores of RUN on its held-out text (RUN= with DATA=: on that file), beside a baseline
	$(PYTHON) -m training evaluate --run "$(RUN)" $(EVALUATE_DATA) $(if $(BASELINE_of_$(TASK)),--baseline $(BASELINE_of_$(TASK)))

serve: $(READY) ## MODEL on gRPC 8500 and REST 8501, as TensorFlow Serving would
	@test -d "$(MODEL)" || { echo "error: there is no model at $(MODEL): \`make train$(NAMED)\` makes one, MODEL= names another"; exit 2; }
	$(PYTHON) -m serving serve --model_name=$(NAME) --model_base_path="$(abspath $(MODEL))" \
	  --port=$(GRPC_PORT) --rest_api_port=$(REST_PORT)

query: $(READY) ## asks the server for TEXT over both ports
	$(PYTHON) -m serving query --task $(TASK) --model $(NAME) --grpc 127.0.0.1:$(GRPC_PORT) --rest 127.0.0.1:$(REST_PORT) "$(TEXT)"

image: $(READY) ## container image of TensorFlow Serving with the newest version of MODEL (needs Docker)
	@$(PYTHON) -m serving.deploy image --model "$(MODEL)" --name "$(NAME)" $(if $(IMAGE),--tag "$(IMAGE)")

deploy: $(READY) ## TensorFlow Serving with MODEL, and Prometheus, by docker compose (needs Docker)
	@$(PYTHON) -m serving.deploy up --model "$(MODEL)" --name "$(NAME)"

deploy-check: $(READY) ## checks the deployment's files: image, compose, server configuration, Kubernetes
	@$(PYTHON) -m serving.deploy.check

unit: $(READY) ## the fast tests (under 3 minutes)
	$(PYTHON) -m pytest -q -m "not slow" -n 2 --dist loadfile

test: $(READY) ## style, types, the fast tests, then the slow end-to-end ones (under 40 minutes)
	@$(MAKE) --no-print-directory lint unit
	$(PYTHON) -m pytest -q -m slow

lint: $(READY) ## style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

compat: $(READY) ## MODEL loaded and asked under TensorFlow 2.15.1 and 2.20.0, each in its own environment
	$(PYTHON) -m serving.export.compatibility --model "$(MODEL)" --system-python "$(SYSTEM_PYTHON)"

bench: $(READY) ## speed of the training step and of an export (tables, each with a last line of JSON)
	$(PYTHON) -m benchmarks.training_step
	$(PYTHON) -m benchmarks.saved_model --model "$(MODEL)"

bench-serving: $(READY) ## speed of the server: added time, batching, the client's import (tables as above)
	$(PYTHON) -m benchmarks.serving_latency
	$(PYTHON) -m benchmarks.serving_batching --model "$(MODEL)"
	$(PYTHON) -m benchmarks.client_import

clean: ## removes the environments, caches, runs and models that were made here
	rm -rf .venv .venv-* .cache runs models
