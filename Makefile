# Every task of the project. `make` without a target prints the help.

# $(call variable,NAME,DEFAULT): NAME as given, character by character, or else DEFAULT.
# User input is data: make does not expand it (`value`), and recipes read it from their
# environment, in double quotes, so that no shell parses it.
variable = $(eval override $(1) := $$(or $$(value $(1)),$(2)))$(eval export $(1))
is_given = $(filter command environment,$(firstword $(origin $(1))))
is_set   = $(and $(call is_given,$(1)),$(value $(1)),yes)

# WSL sets NAME to the host name.
ifeq ($(origin NAME),environment)
NAME :=
endif
GIVEN := $(strip $(foreach name,TASK NAME MODEL GRPC_PORT REST_PORT,$(if $(call is_given,$(name)),$(name))))
NOT_OF_LADDER := $(strip $(foreach name,TASK NAME RUN MODEL EPOCHS WORKERS OVERWRITE,\
  $(if $(filter command,$(firstword $(origin $(name)))),$(name))))
NAME_SET  := $(call is_set,NAME)
MODEL_SET := $(NAME_SET)$(call is_set,MODEL)
TEXT  ?= Click OK to save the document.
READY  := .venv/.ready
PYTHON := .venv/bin/python
$(foreach name,RUN CORPUS DATA VALID TEST EPOCHS SEED OVERWRITE WORKERS IMAGE TEXT READY PYTHON,$(call variable,$(name)))
$(call variable,TASK,translation)
$(call variable,PRESET,base)
$(call variable,NAME,$$(TASK))
$(call variable,MODEL,models/$$(NAME))
$(call variable,GRPC_PORT,8500)
$(call variable,REST_PORT,8501)
$(call variable,PLAYGROUND_PORT,8502)
PYTHONS := python3.11 python3.12 python3.13 python3
$(call variable,SYSTEM_PYTHON,$$(shell for name in $(PYTHONS); do command -v $$$$name && break; done))
# Any other variable on the command line is an option of the task: LABEL_COLUMN=x becomes --label-column=x.
OF_TASK := $(strip $(foreach name,$(filter-out SHELL,$(.VARIABLES)),$(if $(filter command%,$(origin $(name))),$(name))))
# Renamed variables, accepted under their old name for one version.
ifneq ($(filter MULTI_LABEL,$(OF_TASK)),)
override LABEL_SEPARATOR := $(value MULTI_LABEL)
override OF_TASK := $(filter-out MULTI_LABEL LABEL_SEPARATOR,$(OF_TASK)) LABEL_SEPARATOR
$(shell echo "note: MULTI_LABEL is now called LABEL_SEPARATOR" >&2)
endif
$(foreach name,$(OF_TASK),$(call variable,$(name)))

# Options without a value: CLEAN=1 is --clean.
FLAGS := CLASS_WEIGHTS CLEAN DOCUMENTS IN_MEMORY ON_DISK TENSORBOARD
# $(call options,DATA PRESET) is --data="$DATA" --preset="$PRESET", without the empty ones.
option  = --$(shell echo $(1) | tr A-Z_ a-z-)
flag    = $$(test "$$$(1)" != 1 || echo $(call option,$(1)))
options = $(foreach name,$(1),$(if $(filter $(name),$(FLAGS)),$(call flag,$(name)),$${$(name):+$(call option,$(name))="$$$(name)"}))
# Variables that no default name depends on.
OF_NAME = $(filter-out CLEAN IN_MEMORY ON_DISK TENSORBOARD MINUTES CHECKPOINT_MINUTES VALID_SOURCE VALID_TARGET TEST_SOURCE TEST_TARGET,\
  $(OF_TASK))
# The run directory: RUN, else runs/NAME, else the name that follows from the settings.
FIND_RUN = $(if $(NAME_SET),RUN="$${RUN:-runs/$$NAME}",RUN="$${RUN:-$$("$$PYTHON" -m training run-directory \
  $(call options,TASK CORPUS DATA PRESET $(OF_NAME)))}")
# The model: MODEL, else models/NAME, else the name that follows from the settings, so that a model with
# other languages or other data never becomes the next version of models/translation.
FIND_MODEL = $(if $(MODEL_SET),true,NAME="$$("$$PYTHON" -m training model-name $${GIVEN_RUN:+--run="$$GIVEN_RUN"} \
  $(call options,TASK CORPUS DATA PRESET $(OF_NAME)))" && MODEL="models/$$NAME")
FIND   = GIVEN_RUN="$$RUN" && $(FIND_RUN) && $(FIND_MODEL)
EXPORT = "$$PYTHON" -m serving export --run="$$RUN" --model="$$MODEL"
# The variables that serve and query need for this model, quoted for a shell.
quoted = $(1)='$$(printf %s "$$$(1)" | sed "s/'/'\\\\''/g")'
AGAIN  = $(if $(GIVEN), $(foreach name,$(GIVEN),$(call quoted,$(name))))$(if $(MODEL_SET),,$$FOLLOWING)
FOLLOW = FOLLOWING= && if [ "$$NAME" != "$$TASK" ]; then FOLLOWING=" $(call quoted,NAME)"; fi

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup inspect train export evaluate ladder serve query playground image deploy deploy-check unit test lint compat bench bench-serving clean

ifneq ($(and $(OF_TASK),$(filter-out inspect train export evaluate ladder,$(MAKECMDGOALS))),)
$(error $(OF_TASK): not a variable of `make $(MAKECMDGOALS)`; `make help` lists them)
endif
ifneq ($(and $(NOT_OF_LADDER),$(filter ladder,$(MAKECMDGOALS))),)
$(error $(NOT_OF_LADDER): not a variable of `make ladder`; `make help` lists them)
endif

help: ## show this help
	@echo "seqapp: train text models in Keras and serve them with TensorFlow Serving"
	@awk -F':.*## ' '/^## = / {printf "\n%s\n", substr($$0, 6)} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo
	@awk '/^##( [^=]|$$)/ {print substr($$0, 4)}' Makefile

## Variables, as in `make train TASK=classification DATA=reviews.csv`; values are taken character by character.
##
##   TASK=translation       the task: translation, classification or language-modelling
##   PRESET=base            the configuration, see docs/presets.md: tiny, quick, base, fast, transformer …
##   CORPUS=                a built-in corpus: `.venv/bin/python -m training corpora` lists them
##   DATA=                  train on this file instead: TSV, CSV, JSON lines, TMX or text, plain or .gz; a pattern
##                          ('part-*.tsv'), a directory with one directory per label, or - for standard input
##   SOURCE=  TARGET=       train on two parallel files instead: line N of TARGET translates line N of SOURCE
##   CLEAN=1                leave out training rows that harm, each reason counted
##   ON_DISK=1  IN_MEMORY=1      where the training rows of DATA are kept (default: by size)
##   VALID=  TEST=          validation and test rows for DATA (default: held out of DATA); as parallel files
##                          VALID_SOURCE= and VALID_TARGET=, TEST_SOURCE= and TEST_TARGET=
##   TEST=                  for evaluate: rows to score (default: the test rows of the run)
##   CONFIG=                settings in a file, JSON or TOML, see docs/training.md
##   SET="NAME=VALUE …"     single settings: SET="training.epochs=20 model.encoder.units=512"
##   EPOCHS=  SEED=         number of epochs, random seed (default: set by PRESET)
##   MINUTES=               longest training time; the learning rate decays within it (default: no limit);
##                          for ladder: of all trainings together (default: 60, 10 with PRESET=quick)
##   FOLDER=  REPORT=       for ladder: the directory of its runs, the page to write
##   OVERWRITE=1            replace an existing run
##   WORKERS=               processes that train one model together, a number or auto (default: 1)
##   NAME=                  names run and model: runs/NAME, models/NAME (default: follow from the settings)
##   RUN=  MODEL=           the run directory, the directory of model versions (default: by NAME)
##   TEXT=                  for query: the text to send
##   GRPC_PORT=8500  REST_PORT=8501      for serve, query and playground
##   PLAYGROUND_PORT=8502   for playground: the port of the page
##   IMAGE=                 for image: the tag
##   DISTIL_FROM=           the teacher of PRESET=fast, a run (default: the run of PRESET=base with the same data)
##   PAIR=en-ko             languages of a translation model, source first
##   SOURCE_COLUMN=  TARGET_COLUMN=  TEXT_COLUMN=  LABEL_COLUMN=      column names in DATA
##   DOCUMENTS=1            language models: empty lines in DATA separate documents, which are read to their end
##   LABEL_SEPARATOR='|'    multi-label classification: the separator of labels
##   Any option of `python -m training fit` works so, in capitals: --class-weights is CLASS_WEIGHTS=1.

## = Train
setup: $(READY) ## create the environment in .venv

$(READY): requirements.txt
	@test -n "$$SYSTEM_PYTHON" || { echo "error: no Python found; install Python 3.11, 3.12 or 3.13" >&2; exit 1; }
	@"$$SYSTEM_PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { printf '%s\n' \
	  "error: $$SYSTEM_PYTHON is not Python 3.11, 3.12 or 3.13; install one, or name it with SYSTEM_PYTHON=PATH" >&2; exit 1; }
	@echo "installing into .venv (once)"
	@"$$SYSTEM_PYTHON" -m venv .venv
	@"$$PYTHON" -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch "$$READY"

inspect: $(READY) ## print statistics of DATA: skipped rows, lengths, scripts, labels
	@"$$PYTHON" -m training inspect-data $(call options,$(filter TASK,$(GIVEN)) CORPUS DATA VALID TEST $(OF_TASK))

train: $(READY) ## train, score and export a model; a complete run with the same settings is kept
	@$(FIND) && "$$PYTHON" -m training fit --run="$$RUN" $$(test "$$OVERWRITE" != 1 || echo --overwrite) \
	  $(call options,TASK CORPUS DATA VALID TEST PRESET EPOCHS SEED WORKERS $(OF_TASK)) && $(EXPORT) && $(FOLLOW) && \
	  printf '\n%s\n' "next:  make serve$(AGAIN)     and, in another terminal,     make query$(AGAIN) TEXT='…'"

export: $(READY) ## export RUN as the next version of MODEL
	@$(FIND) && $(EXPORT)

evaluate: $(READY) ## score RUN and a baseline on the test rows of the run, or on TEST
	@test -z "$$RUN$(if $(NAME_SET),$$NAME)" || test -z "$$DATA$(if $(filter SOURCE,$(OF_TASK)),$$SOURCE)" || { echo "error: give either RUN (or NAME) or DATA, not both;" \
	  "DATA selects the run that was trained on it, TEST= gives the rows to score" >&2; exit 2; }
	@$(FIND_RUN) && "$$PYTHON" -m training evaluate --baseline --run="$$RUN" $${TEST:+--data="$$TEST"} \
	  $(if $(filter TEST_SOURCE TEST_TARGET,$(OF_TASK)),--source="$$TEST_SOURCE" --target="$$TEST_TARGET") $(call options,$(filter %_COLUMN,$(OF_TASK)))

ladder: $(READY) ## train models from n-grams to self-attention on DATA and write docs/ladder.md (an hour)
	@"$$PYTHON" -m training ladder $(call options,CORPUS DATA VALID TEST PRESET SEED $(OF_TASK))

## = Serve
serve: $(READY) ## serve MODEL (gRPC 8500, REST 8501) with the embedded server
	@test -d "$$MODEL" || { printf '%s\n' "error: no model at $$MODEL: run \`make train\` first, or give NAME= or MODEL=" >&2; exit 2; }
	@case "$$MODEL" in /*) ;; *) MODEL="$$PWD/$$MODEL" ;; esac; exec "$$PYTHON" -m serving serve \
	  --model_name="$$NAME" --model_base_path="$$MODEL" --port="$$GRPC_PORT" --rest_api_port="$$REST_PORT"

query: $(READY) ## send TEXT to the server over gRPC and REST, and compare the replies
	@"$$PYTHON" -m serving query --model="$$NAME" --grpc="127.0.0.1:$$GRPC_PORT" --rest="127.0.0.1:$$REST_PORT" -- "$$TEXT"

playground: $(READY) ## serve a web page that sends texts to the server (port 8502)
	@exec "$$PYTHON" -m serving playground --model="$$NAME" --port="$$PLAYGROUND_PORT" \
	  $(if $(filter GRPC_PORT,$(GIVEN))$(if $(filter REST_PORT,$(GIVEN)),,yes),--grpc="127.0.0.1:$$GRPC_PORT",--rest="127.0.0.1:$$REST_PORT")

## = Deploy
image: $(READY) ## build a TensorFlow Serving image with the newest version of MODEL (needs Docker)
	@"$$PYTHON" -m serving.deploy image --model="$$MODEL" --name="$$NAME" $${IMAGE:+--tag="$$IMAGE"}

deploy: $(READY) ## start TensorFlow Serving with MODEL, and Prometheus, by docker compose (needs Docker)
	@"$$PYTHON" -m serving.deploy up --model="$$MODEL" --name="$$NAME"

deploy-check: $(READY) ## check the deployment files: image, compose, server configuration, Kubernetes
	@"$$PYTHON" -m serving.deploy.check

## = Develop
unit: $(READY) ## run the fast tests (about five minutes)
	@"$$PYTHON" -m pytest -q -m "not slow" -n 2 --dist loadfile

test: lint unit ## run lint, the fast tests, then the slow end-to-end tests (about an hour)
	@"$$PYTHON" -m pytest -q -m slow -n 2 --dist loadfile

lint: $(READY) ## check style and types
	@"$$PYTHON" -m ruff check .
	@"$$PYTHON" -m mypy

compat: $(READY) ## load and query MODEL under TensorFlow 2.15.1 and 2.20.0, each in its own environment
	@"$$PYTHON" -m serving.export.compatibility --model="$$MODEL" --system-python="$$SYSTEM_PYTHON"

bench: $(READY) ## measure the training step and an export (tables, each with a last line of JSON)
	@"$$PYTHON" -m benchmarks.training_step
	@"$$PYTHON" -m benchmarks.saved_model --model="$$MODEL"

bench-serving: $(READY) ## measure the server: added latency, batching, import time of the client
	@"$$PYTHON" -m benchmarks.serving_latency
	@"$$PYTHON" -m benchmarks.serving_batching --model="$$MODEL"
	@"$$PYTHON" -m benchmarks.client_import

clean: ## remove the environments, caches, runs and models made here
	rm -rf .venv .venv-* .cache runs models
