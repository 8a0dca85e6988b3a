# `make demo` and `make test` each set up all they need; the second run is quick.
# Chores live in scripts/, one each. Tests wait on wires longer than they compute: five at a time on two cores.

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 5
DAYS ?= 1000
ARGS ?=
FILES ?=
POWER ?=
KILLS ?= $(if $(POWER),0,200)
SEEDS ?= 0-499
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
HOUSE := pyproject.toml scripts/setup scripts/debian-packages

# Whoever sets it has every worker, and every process that a test starts, compile what it loads anew: collecting the tests took 18 s a worker instead of 4.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test thorough check soak contract bench bench-report savings savings-limit savings-plants savings-null calibrate-truth calibrate-twins trial peers fuzz road meter-score discover-score soak-ledger upload-week district docs screenshots wheel deb deb-try container-try lock clean tools

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUN) ## a simulated office on real BACnet, supervised; ARGS="--duration 180" stops by itself
	$(BIN)/building-supervisor demo $(ARGS)

test: $(DEV) tools ## everything: check, docs, the wheel in an empty environment, all tests but the slowest; minutes
	+scripts/test $(JOBS) $(ARGS)

thorough: JOBS := 6
thorough: $(DEV) tools ## the tests that are slow and rarely fail, which `make test` leaves out; .ci/run runs both
	$(BIN)/pytest -n $(JOBS) --benchmark-disable -m thorough $(ARGS)

check: $(DEV) ## ruff, its format, mypy --strict, the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(DEV) ## a thousand building-days of accidents, then every planted fault; SEED=n, PLANT=fault (must fail)
	scripts/soak --days $(DAYS) $(if $(SEED),--seed $(SEED)) $(if $(PLANT),--plant $(PLANT)) $(ARGS)
	$(if $(SEED)$(PLANT)$(ARGS),,scripts/soak --plants --days 30)

contract: $(DEV) ## the whole fault matrix: operation x fault x controller x stack, of which make test tries a fifth
	CONTRACT=full $(BIN)/pytest tests/contract tests/wire $(ARGS)

bench: $(DEV) ## what deciding and the physics cost; bench-wire: the drivers beside others; bench-path: a whole daemon
	$(BIN)/python -m tests.bench.bench_core
	$(BIN)/python -m tests.bench.bench_plant

savings-plants: $(DEV) ## what the policy saves on both plants, whole and one rule at a time; a quarter of an hour, ARGS=--weeks two minutes
	$(BIN)/python -m tests.bench.savings_plants $(ARGS)

bench-report: $(DEV) ## what a year of 200 meters and 100 zones on paper costs; ARGS=--profile, ARGS="--minutes 1"
	$(BIN)/python -m tests.bench.bench_report $(ARGS)

bench-%: $(DEV)
	$(BIN)/python -m tests.bench.bench_$* $(ARGS)

fuzz: $(DEV) ## a million mutated datagrams at the daemon, a stack; ARGS="--count 50000", ARGS=--properties
	scripts/fuzz $(ARGS)

road: $(DEV) ## the functions and files that one reading passes, from its datagram to the write and to the page
	scripts/road $(ARGS)

soak-ledger: $(DEV) tools ## a process that keeps readings is killed, KILLS times, or loses its power, POWER times: nothing lost, nothing twice
	$(BIN)/python -m tests.meters.soak_ledger --kills $(KILLS) $(if $(POWER),--power $(POWER)) $(if $(SEED),--seed $(SEED)) $(ARGS)

upload-week: $(DEV) ## a data centre that is away for a week, on a virtual clock and a real wire: what is missing then, and what is there twice
	$(BIN)/pytest -q -s --benchmark-disable tests/upload -k a_week_away $(ARGS)

district: $(DEV) tools ## ten gateways write to one victoria-metrics, one of them away for half of the time: is a sample missing, is a query slow? Five minutes
	$(BIN)/python -m tests.tools.district $(ARGS)

savings-null: $(DEV) ## years in which nothing was saved, without and with drift from year to year: how often the 90 % interval has zero in it, SEEDS=0-499
	$(BIN)/python -m tests.savings.null --seeds $(SEEDS)

savings-limit: $(DEV) ## slopes of change-point models beside the bound of Cramér and Rao: could anybody know them better? SEEDS=0-199
	$(BIN)/python -m tests.savings.limit --seeds $(if $(filter 0-499,$(SEEDS)),0-199,$(SEEDS))

savings: $(DEV) ## offices lived with the policy and without, meters with gaps: does the interval of baseline, trial and model hold the truth? SEEDS=0-19; ARGS="--keep FOLDER"
	$(BIN)/python -m tests.savings.paired --seeds $(if $(filter command line environment,$(origin SEEDS)),$(SEEDS),0-19) $(ARGS)

peers: $(DEV) ## our baseline beside OpenDSM's on its own sample meters; its environment (1.1 GB, outside the lock) stays in .peers
	scripts/peers

trial: $(DEV) ## randomised trials lived on the plant: is the saving what it would have been with each arm kept? Eight rooms and 36 weeks, and two rooms beside; SEEDS=0-199; an hour on two cores; ARGS="--rooms 2 --blocks 2 --keep FOLDER"
	$(BIN)/python -m tests.savings.trial --seeds $(if $(filter 0-499,$(SEEDS)),0-199,$(SEEDS)) $(ARGS)

calibrate-truth: $(DEV) ## EnergyPlus's small office, and a building 30 % off: recorded, calibrated, a week of policy predicted; ARGS="--months 1 4 7"
	$(BIN)/python -m tests.savings.calibrate_truth $(ARGS)

calibrate-twins: $(DEV) ## buildings of the model's own equations, every parameter 30 % off: is the saving found? SEEDS=0-9; ARGS=--exact: the estimator alone
	$(BIN)/python -m tests.savings.twins --seeds $(if $(filter 0-499,$(SEEDS)),0-9,$(SEEDS)) $(ARGS)

meter-score: $(DEV) ## what the ledger finds in series of meter readings with known faults; FILES="a.csv b.csv", else those in the tree
	$(BIN)/python -m tests.meters.score $(FILES)

discover-score: $(DEV) ## which roles are guessed right, wrong or not at all, on labelled lists; FILES="a.csv b.csv", else those in the tree
	$(BIN)/python -m tests.survey.score $(FILES)

screenshots: $(DEV) tools ## the pictures of the page in docs/img, both languages, at a desk's and a telephone's width
	$(BIN)/python -m tests.tools.showcase

docs: $(DEV) ## write the generated pages of docs/; in CI, fail where they had changed
	scripts/docs $(if $(CI),--check)

wheel: $(DEV) ## build the wheel and try it in an empty environment; it stays in dist/
	scripts/try-wheel dist

deb: $(DEV) ## a Debian package with an environment of its own, in dist/; REVISION=n
	scripts/deb dist $(REVISION)

deb-try: $(DEV) ## install, run, upgrade, remove and purge that package in a bare Debian (debootstrap; root): FILES=package, else built
	scripts/try-deb $(FILES)

container-try: ## build deploy/Containerfile without a registry or an engine and live in it a little (buildah, debootstrap; root)
	scripts/try-container

lock: $(DEV) ## resolve pyproject.toml anew into the two lock files
	scripts/lock $(ARGS)

clean: ## remove what was built and cached; .venv and state stay
	rm -rf build dist mutants .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

tools:
	@scripts/debian-packages test

$(RUN): requirements.lock $(HOUSE)
	@scripts/setup run

$(DEV): requirements-dev.lock $(HOUSE)
	@scripts/setup dev
