# `make` alone lists what there is. Everything is installed into .venv, once; nothing outside this folder is changed.

# Where to look for Python 3.11 or newer; `make PYTHON=/path/to/python3` names one.
PYTHON = python3 python3.14 python3.13 python3.12 python3.11 python

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

# Shows the first of the sample's people, then counts all by level and status. Whoever must not be given a level yet is
# shown and counted without one.
SUMMARY := import pandas; from recommender.levels import load_levels; \
    people = pandas.read_parquet("build/recommendations.parquet").astype(str); \
    people["reasons"] = people["reasons"].str.split().str[-6:].str.join(" "); \
    hidden = ~people["status"].isin(["settled", "provisional"]); \
    people.loc[hidden, ["level_at_least", "level_at_most", "reasons"]] = "no level yet"; \
    shown = ["id", "status", "level_at_least", "level_at_most", "red_flags", "reasons"]; \
    print(people.loc[:11, shown].to_string(index=False), end="\n\n"); \
    order = ["no level yet", *load_levels().ids]; \
    print(pandas.crosstab(people["level_at_least"], people["status"]).reindex(order).dropna().astype(int).to_string())

# Who is counted on the pages of the policy.
COHORT := The sample is data/referrals.csv: synthetic referrals, made up; nobody in it exists.

.DEFAULT_GOAL := help
.PHONY: help run serve test check fix docs pairs demonstration bench clean

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s  %s\n", $$1, $$2 }' Makefile

# Exit codes are part of what the command says, and only some of them mean that it failed:
# 12 is a batch that set rows aside, 20 to 22 are a person who must not be given a level yet.
run: $(INSTALLED) ## recommends for the sample referrals, then explains one of them
	@mkdir -p build private
	@rm -f build/recommendations.parquet build/rejects.csv
	@$(BIN)/recommender batch data/referrals.csv -o build/recommendations.parquet --rejects build/rejects.csv \
	    || [ $$? -eq 12 ]
	@echo
	@$(BIN)/python -c '$(SUMMARY)'
	@echo
	@$(BIN)/recommender assess data/intakes/clear_iop.json --full || case $$? in 20|21|22) ;; *) exit 1 ;; esac

serve: $(INSTALLED) ## starts the coordinators' desk on this machine, for a browser
	@$(BIN)/recommender serve

test: check ## runs every check and every test, as the submission gate does
	@$(BIN)/pytest -n 2

# All three run, whatever the first one says, so that one look shows everything.
check: $(INSTALLED) ## lints, checks the format and the types; changes nothing
	@failed=0; \
	$(BIN)/ruff check --output-format concise . || failed=$$((failed + 1)); \
	$(BIN)/ruff format --check --output-format concise . || failed=$$((failed + 1)); \
	$(BIN)/mypy || failed=$$((failed + 1)); \
	if [ $$failed -gt 0 ]; then echo "$$failed of 3 checks failed. 'make fix' mends what ruff can." >&2; exit 1; fi

fix: $(INSTALLED) ## mends what ruff can mend: lint, order of imports, format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

# What tests compare with what the commands give: renew it after every change of a rule, question or message.
docs: $(INSTALLED) ## renews the pages and schemas made from the content
	@mkdir -p docs/schemas
	@for kind in policy questions levels cases; do \
	    $(BIN)/recommender policy schema $$kind > docs/schemas/$$kind.json || exit 1; done
	@rm -f docs/policy/*.md
	@$(BIN)/recommender policy reference docs/policy --format markdown --cohort data/referrals.csv --about "$(COHORT)"
	@$(BIN)/recommender policy check --certificate recommender/certificates/adult.json
	@UPDATE_DOCS=1 $(BIN)/pytest tests/functional/test_errors_page.py -k page_of_errors

pairs: $(INSTALLED) ## renews the generated pairs of cases after a change of the rules (minutes)
	@$(BIN)/recommender policy pairs -o recommender/content/cases/pairs.yaml

# Simulated people: it shows what a released model looks like, and is used only by whoever names it.
demonstration: $(INSTALLED) ## makes the demonstration model anew, from simulated people (minutes)
	@mkdir -p build
	@rm -rf models/demonstration
	@$(BIN)/recommender data simulate --rows 40000 --seed 2026 --outcomes -o build/demonstration.parquet
	@$(BIN)/recommender model train build/demonstration.parquet -o build/demonstration.json --coverage 0.8 \
	    --together residential_low..residential_high --together medical_residential..hospital
	@$(BIN)/recommender model add demonstration build/demonstration.json build/demonstration.parquet \
	    --models models --number 1 --by "The makers of recommender"
	@$(BIN)/recommender model promote demonstration@1 build/demonstration.parquet --models models \
	    --by "The makers of recommender" --reason "a demonstration on simulated people, for no real person"

bench: $(INSTALLED) ## runs the benchmarks and prints their figures
	@[ -d benchmarks ] || { echo "There are no benchmarks yet (no folder benchmarks/)." >&2; exit 1; }
	@for file in benchmarks/[a-z]*.py; do echo "$$file"; $(BIN)/python "$$file" || exit 1; done

clean: ## removes everything that make made, .venv too
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@found= bare=; \
	for name in $(PYTHON); do \
	    "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if "$$name" -c 'import ensurepip, venv' 2>/dev/null; then found=$$name; break; fi; \
	    bare=$$name; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	    echo "$$bare cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	elif [ -z "$$found" ]; then \
	    echo "Python 3.11 or newer is needed and was not found. Install it, or say where: make PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	fi; \
	echo "Installing into $(VENV) with $$found (once, a minute or two)"; \
	"$$found" -m venv --clear $(VENV) \
	    && $(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $@
