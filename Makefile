# Everything there is to do, in one place. `make` prints it.

# $(call variable,NAME,DEFAULT): NAME as the user gave it, letter by letter, or else DEFAULT.
# What a user gives is data: make does not expand it (`value`), and as recipes read it out of their
# environment, in double quotes, no shell parses it.
variable = $(eval override $(1) := $$(or $$(value $(1)),$(2)))$(eval export $(1))
is_given = $(filter command environment,$(firstword $(origin $(1))))

# WSL puts the computer's name there.
ifeq ($(origin NAME),environment)
NAME :=
endif
GIVEN := $(strip $(foreach name,TASK NAME MODEL GRPC_PORT REST_PORT,$(if $(call is_given,$(name)),$(name))))
TEXT  ?= Click OK to save the document.
READY  := .venv/.ready
PYTHON := .venv/bin/python
$(foreach name,RUN CORPUS DATA VALID TEST EPOCHS SEED OVERWRITE IMAGE TEXT READY PYTHON,$(call variable,$(name)))
$(call variable,TASK,translation)
$(call variable,PRESET,base)
$(call variable,NAME,$$(TASK))
$(call variable,MODEL,models/$$(NAME))
$(call variable,GRPC_PORT,8500)
$(call variable,REST_PORT,8501)
$(call variable,SYSTEM_PYTHON,$$(shell command -v python3.11 || command -v python3))
# Any other variable on the command line is an option of the task's own: LABEL_COLUMN=x is --label-column=x.
OF_TASK := $(strip $(foreach name,$(filter-out SHELL,$(.VARIABLES)),$(if $(filter command%,$(origin $(name))),$(name))))
$(foreach name,$(OF_TASK),$(call variable,$(name)))

# $(call options,DATA PRESET) is --data="$DATA" --preset="$PRESET", without those that are empty.
options = $(foreach name,$(1),$${$(name):+--$(shell echo $(name) | tr A-Z_ a-z-)="$$$(name)"})
FIND_RUN = RUN="$${RUN:-$$("$$PYTHON" -m training run-directory $(call options,TASK CORPUS DATA PRESET $(OF_TASK)))}"
EXPORT   = "$$PYTHON" -m serving export --run="$$RUN" --model="$$MODEL"
# What has to be said again to serve and ask this model, quoted for a shell.
AGAIN = $(if $(GIVEN), $(foreach name,$(GIVEN),$(name)='$$(printf %s "$$$(name)" | sed "s/'/'\\\\''/g")'))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup train export evaluate serve query image deploy deploy-check unit test lint compat bench bench-serving clean

ifneq ($(and $(OF_TASK),$(filter-out train export evaluate,$(MAKECMDGOALS))),)
$(error $(OF_TASK): not a variable of `make $(MAKECMDGOALS)`; `make help` lists them)
endif

help: ## prints this
	@echo "seqapp: text pairs or labelled texts → Keras → one SavedModel (strings in, text out) → TensorFlow Serving"
	@echo
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo
	@awk '/^## / {print substr($$0, 4)}' Makefile

## Variables, as in `make train TASK=classification DATA=reviews.csv`; what they hold is taken letter by letter.
##
##   TASK=translation, classification     CORPUS=  a name from `python -m training corpora`
##   PRESET=base, tiny, transformer; of translation also quick
##   DATA=rows.tsv[.gz] or .csv: your own rows instead of a corpus      VALID=  TEST=  held-out rows of your own
##   EPOCHS=  SEED=  instead of the preset's      OVERWRITE=1  replaces a run that is there
##   RUN=     the run directory; else runs/TASK-ROWS[-PAIR]-PRESET, by the variables above
##   TEST=    for evaluate: the rows to score on; else what the run held out
##   NAME=    what requests call the model; else TASK      MODEL=  its versions; else models/NAME
##   TEXT=    for query      GRPC_PORT=8500  REST_PORT=8501  for serve and query      IMAGE=  for image
##   Options of the task for train, export and evaluate: PAIR=en-ko  SOURCE_COLUMN=  TARGET_COLUMN= ;
##   TEXT_COLUMN=  LABEL_COLUMN=  MULTI_LABEL='|' (`--label-column` of `python -m training fit`, in capitals)

setup: $(READY) ## the environment in .venv

$(READY): requirements.txt
	@test -n "$$SYSTEM_PYTHON" || { echo "error: Python 3.11 is needed and was not found on the PATH" >&2; exit 1; }
	@echo "installing into .venv (once)"
	@"$$SYSTEM_PYTHON" -m venv .venv
	@"$$PYTHON" -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch "$$READY"

train: $(READY) ## corpus, training, scores, exported model; a complete run of the same settings is kept
	@$(FIND_RUN) && "$$PYTHON" -m training fit --run="$$RUN" $$(test "$$OVERWRITE" != 1 || echo --overwrite) \
	  $(call options,TASK CORPUS DATA VALID TEST PRESET EPOCHS SEED $(OF_TASK)) && $(EXPORT)
	@printf '\n%s\n' "next:  make serve$(AGAIN)     and, in another terminal,     make query$(AGAIN) TEXT='…'"

export: $(READY) ## the trained RUN as the next version of MODEL
	@$(FIND_RUN) && $(EXPORT)

evaluate: $(READY) ## scores of RUN and of a baseline, on what RUN held out or on TEST
	@test -z "$$RUN" || test -z "$$DATA" || { echo "error: RUN, DATA: expected one of them, got both; DATA names" \
	  "the run that was trained on it, TEST= names rows to score on" >&2; exit 2; }
	@$(FIND_RUN) && "$$PYTHON" -m training evaluate --baseline --run="$$RUN" $${TEST:+--data="$$TEST"} $(call options,$(filter %_COLUMN,$(OF_TASK)))

serve: $(READY) ## MODEL on gRPC 8500 and REST 8501, as TensorFlow Serving would
	@test -d "$$MODEL" || { printf '%s\n' "error: there is no model at $$MODEL: \`make train\` makes one, MODEL= names another" >&2; exit 2; }
	@case "$$MODEL" in /*) ;; *) MODEL="$$PWD/$$MODEL" ;; esac; exec "$$PYTHON" -m serving serve \
	  --model_name="$$NAME" --model_base_path="$$MODEL" --port="$$GRPC_PORT" --rest_api_port="$$REST_PORT"

query: $(READY) ## sends TEXT to the server over both ports, which must agree
	@"$$PYTHON" -m serving query --model="$$NAME" --grpc="127.0.0.1:$$GRPC_PORT" --rest="127.0.0.1:$$REST_PORT" -- "$$TEXT"

image: $(READY) ## container image of TensorFlow Serving with the newest version of MODEL (needs Docker)
	@"$$PYTHON" -m serving.deploy image --model="$$MODEL" --name="$$NAME" $${IMAGE:+--tag="$$IMAGE"}

deploy: $(READY) ## TensorFlow Serving with MODEL, and Prometheus, by docker compose (needs Docker)
	@"$$PYTHON" -m serving.deploy up --model="$$MODEL" --name="$$NAME"

deploy-check: $(READY) ## checks the deployment's files: image, compose, server configuration, Kubernetes
	@"$$PYTHON" -m serving.deploy.check

unit: $(READY) ## the fast tests (under 3 minutes)
	@"$$PYTHON" -m pytest -q -m "not slow" -n 2 --dist loadfile

test: lint unit ## style, types, the fast tests, then the slow end-to-end ones (under 40 minutes)
	@"$$PYTHON" -m pytest -q -m slow

lint: $(READY) ## style and types
	@"$$PYTHON" -m ruff check .
	@"$$PYTHON" -m mypy

compat: $(READY) ## MODEL loaded and asked under TensorFlow 2.15.1 and 2.20.0, each in its own environment
	@"$$PYTHON" -m serving.export.compatibility --model="$$MODEL" --system-python="$$SYSTEM_PYTHON"

bench: $(READY) ## speed of the training step and of an export (tables, each with a last line of JSON)
	@"$$PYTHON" -m benchmarks.training_step
	@"$$PYTHON" -m benchmarks.saved_model --model="$$MODEL"

bench-serving: $(READY) ## speed of the server: added time, batching, the client's import (tables as above)
	@"$$PYTHON" -m benchmarks.serving_latency
	@"$$PYTHON" -m benchmarks.serving_batching --model="$$MODEL"
	@"$$PYTHON" -m benchmarks.client_import

clean: ## removes the environments, caches, runs and models that were made here
	rm -rf .venv .venv-* .cache runs models
