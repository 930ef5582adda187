# Everything that a fresh machine needs is behind `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .build/stamps
COLLECTION := .build/collections/ansible_collections/virtledger/libvirt
URI ?=
N ?= 3
SCENARIO ?=
SECTION ?=
ONLY ?=
VERSION ?=
# Files of tests that share nothing, in as many processes as there are processors.
SIDE_BY_SIDE := -n auto --dist loadfile

export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.build/collections
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint sanity docs unit integration fleet molecule chaos matrix eda build galaxy release
.PHONY: generate benchmark clean lab-up lab-sync lab-report lab-watch lab-down

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMPS)/demo collection ## Record three hypervisors of libvirt's test driver (URI=... your own)
	@scripts/demo $(URI)

test: lint docs sanity build pytest molecule ## Run everything; a skipped test is a failure

lint: $(STAMPS)/dev collection ## ruff, mypy, yamllint, ansible-lint, changelog
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd .build/collections && MYPYPATH=. $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml \
	  --cache-dir $(CURDIR)/.build/mypy_cache -p ansible_collections.virtledger.libvirt.plugins
	$(BIN)/yamllint --strict .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --profile production
	$(BIN)/antsibull-changelog lint

docs: $(STAMPS)/dev collection ## Documentation of plugins, and what is generated from the mapping
	$(BIN)/python scripts/generate --check
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/antsibull-docs lint-collection-docs --plugin-docs \
	  --skip-rstcheck .
	scripts/ansible-doc-all

sanity: $(STAMPS)/dev ## The sanity tests of ansible-test
	scripts/sanity

unit: $(STAMPS)/dev $(STAMPS)/servers $(STAMPS)/report collection ## Tests without a hypervisor
	$(BIN)/pytest $(SIDE_BY_SIDE) tests/unit

integration: $(STAMPS)/dev $(STAMPS)/lab $(STAMPS)/servers $(STAMPS)/awx collection ## Tests against real libvirt daemons
	$(BIN)/pytest tests/integration

fleet: $(STAMPS)/dev $(STAMPS)/lab $(STAMPS)/servers collection ## Tests of a fleet of hypervisors over SSH
	$(BIN)/pytest tests/fleet

molecule: $(STAMPS)/dev $(STAMPS)/lab collection ## Molecule's scenarios in the lab (SCENARIO=default for one)
	scripts/molecule $(SCENARIO)

lab-up: $(STAMPS)/demo $(STAMPS)/lab collection ## Start three real hypervisors with VMs (N=5 for more), see docs/lab.md
	scripts/lab-fleet up $(N)

lab-sync: ## Record them over SSH
	scripts/lab-fleet sync

lab-report: ## Show the hosts and their VMs, from the ledger
	scripts/lab-fleet report

lab-watch: ## Record and show them again and again
	scripts/lab-fleet watch

lab-down: ## End them without a trace
	scripts/lab-fleet down

chaos: $(STAMPS)/dev $(STAMPS)/servers collection ## Kill, cut and crowd it, and write the figures of docs/reliability.md
	$(BIN)/python tests/reliability/chaos.py

matrix: $(STAMPS)/dev $(STAMPS)/servers $(STAMPS)/matrix collection ## The main path with every supported version (ONLY=2.22)
	$(BIN)/python tests/matrix $(ONLY)

eda: $(STAMPS)/dev $(STAMPS)/lab $(STAMPS)/eda collection ## The rulebook, run by ansible-rulebook against hypervisors
	PATH="$(CURDIR)/.build/eda-venv/bin:$$PATH" $(BIN)/pytest tests/eda

.PHONY: pytest collection
pytest: $(STAMPS)/dev $(STAMPS)/lab $(STAMPS)/servers $(STAMPS)/awx $(STAMPS)/report collection
	$(BIN)/pytest $(SIDE_BY_SIDE) tests/unit
	$(BIN)/pytest tests/reliability tests/integration tests/fleet

build: $(STAMPS)/dev ## Build the collection's tarball
	$(BIN)/ansible-galaxy collection build --force --output-path .build

galaxy: $(STAMPS)/galaxy ## Have Galaxy's importer read the tarball
	scripts/galaxy .build/galaxy-venv/bin/python

release: $(STAMPS)/dev ## Write version, changelog and tarball of a release (VERSION=1.0.0)
	scripts/release $(VERSION)

generate: $(STAMPS)/dev collection ## Write what follows from the declared mapping
	$(BIN)/python scripts/generate

benchmark: $(STAMPS)/dev $(STAMPS)/lab $(STAMPS)/servers $(STAMPS)/benchmark $(STAMPS)/report collection ## Measure (SECTION=3 for one)
	cd tests && PYTHONPATH=$(CURDIR)/.build/collections $(CURDIR)/$(BIN)/python -m benchmark $(SECTION)

clean: ## Remove everything that was made here
	rm -rf .build $(VENV)

collection: $(COLLECTION)
$(COLLECTION):
	mkdir -p $(dir $@)
	ln -sfn $(CURDIR) $@

$(STAMPS)/system: scripts/system-packages tests/requirements/system.txt
	scripts/system-packages tests/requirements/system.txt
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/lab: scripts/system-packages tests/lab/packages.txt
	scripts/system-packages tests/lab/packages.txt
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/servers: scripts/system-packages tests/servers/packages.txt
	scripts/system-packages tests/servers/packages.txt --no-services
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/report: scripts/system-packages tests/report/packages.txt
	scripts/system-packages tests/report/packages.txt
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/demo: $(STAMPS)/system requirements.txt tests/requirements/demo.txt
	scripts/make-venv $(PYTHON) $(VENV) tests/requirements/demo.txt
	touch $@

$(STAMPS)/benchmark: tests/requirements/benchmark.txt $(STAMPS)/system
	scripts/make-venv $(PYTHON) .build/benchmark-venv tests/requirements/benchmark.txt
	touch $@

$(STAMPS)/awx: scripts/awx-collection | $(STAMPS)/dev
	scripts/awx-collection $(BIN)/python .build/awx
	touch $@

$(STAMPS)/matrix: scripts/system-packages tests/matrix/packages.txt
	scripts/system-packages tests/matrix/packages.txt
	touch $@

$(STAMPS)/galaxy: tests/requirements/galaxy.txt $(STAMPS)/system
	scripts/make-venv $(PYTHON) .build/galaxy-venv tests/requirements/galaxy.txt
	touch $@

$(STAMPS)/eda: tests/requirements/eda.txt tests/eda/packages.txt $(STAMPS)/system
	scripts/system-packages tests/eda/packages.txt
	scripts/make-venv $(PYTHON) .build/eda-venv tests/requirements/eda.txt
	touch $@

$(STAMPS)/dev: $(STAMPS)/demo tests/requirements/dev.txt
	scripts/make-venv $(PYTHON) $(VENV) tests/requirements/dev.txt
	touch $@
