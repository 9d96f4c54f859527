# Each of `make notebooks` and `make test` is enough on a fresh clone: it makes the environment first.
PYTHON ?= python3
VENV := .venv
# TORCH=cpu takes PyTorch's build for the CPU: 2 GB in all. Without it, pip on Linux takes the one for NVIDIA cards, 7 GB.
TORCH ?=
# How many tests run side by side, each in one thread.
JOBS ?= 2
PY := $(VENV)/bin/python
SYSTEM := tests/shared tests/metrics tests/tasks tests/training tests/course/test_kernels.py
# What starts kernels and other processes, builds packages or pages, or measures tables anew.
LONG := tests/results tests/studies tests/course/test_class.py tests/course/test_containers.py tests/course/test_grading.py tests/course/test_hostile.py tests/course/test_kernels.py tests/course/test_notebooks.py \
	tests/course/test_problem_sets.py tests/course/test_side_by_side.py tests/course/test_varying.py tests/experiment/test_cluster.py \
	tests/experiment/test_digest.py tests/experiment/test_golden.py tests/experiment/test_grid.py tests/experiment/test_keys.py \
	tests/report/test_explorers.py tests/report/test_explorers_without_a_kernel.py tests/shared/test_processes.py \
	tests/shared/test_workers_end.py tests/tasks/test_mangled_rows.py tests/tasks/test_nlp_real_rows.py \
	tests/test_benchmarks.py tests/test_packaging.py tests/test_readme.py tests/test_site.py

.PHONY: env notebooks test gates quick system colab lab bench assignments site linkcheck

env: $(VENV)/installed

# The stamp is written last, so an interrupted install is taken up again and a finished one is redone only when its inputs change.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one with make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): three minutes or so, longer on a slow line"
ifeq ($(TORCH),)
	$(PY) -m pip install -qq -e '.[notebooks,dev]' -c constraints.txt
else
	$(PY) -m pip install -qq uv
	$(PY) -m uv pip install -q --python $(PY) --torch-backend $(TORCH) -e '.[notebooks,dev]' -c constraints.txt
endif
	@touch $@

notebooks: env
	$(PY) -m w2s_kit.course.notebooks --jobs $(JOBS)

# Seconds, and first: style, layout, spelling, types, the layers of the house, addresses in texts.
gates: env
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m codespell_lib
	$(PY) -m mypy
	$(PY) -m pytest -q -n $(JOBS) tests/test_house.py

test: gates $(VENV)/course
	$(PY) -m pytest -n $(JOBS) --deselect tests/test_house.py
	@if ls notebooks/[0-9]*.ipynb >/dev/null 2>&1; then set -x; $(PY) -m pytest --nbval notebooks -n $(JOBS); else echo "no notebooks yet"; fi

# Three minutes, while you work: the gates, and nine tests in ten.
quick: gates
	$(PY) -m pytest -n $(JOBS) --deselect tests/test_house.py $(addprefix --ignore=,$(LONG))

# Minutes: what depends most on the system, such as files, processes and kernels; and notebook 00.
system: env
	$(PY) -m pytest -n $(JOBS) $(SYSTEM)
	$(PY) -m w2s_kit.course.notebooks notebooks/00_start_here.ipynb

# A quarter of an hour: the core notebooks with Colab's versions of the libraries, in an environment of their own.
colab: env
	$(PY) tests/colab.py

# What makes releases, for the tests of grading and for make assignments. nbgrader puts menus into JupyterLab, so they are turned off: grading is done by w2s_kit.course.grading.
$(VENV)/course: $(VENV)/installed
	$(PY) -m pip install -qq -e '.[course]' -c constraints.txt
	@$(PY) -m jupyter labextension disable --level=sys_prefix @jupyter/nbgrader 2>/dev/null
	@touch $@

assignments: env $(VENV)/course
	cd notebooks/assignments && ../../$(PY) -m w2s_kit.course.grading release

lab: env
	$(PY) -m jupyterlab

bench: env
	@for script in finetuning scaling grid; do echo "== $$script"; $(PY) benchmarks/$$script.py || exit 1; done

# The site, into docs/_build/html, without a network: a minute or two. Warnings are errors. To read it:
# .venv/bin/python -m http.server -d docs/_build/html
site: $(VENV)/docs
	$(PY) docs/staging.py
	$(PY) -m sphinx -W -n -j auto -q -c docs -d docs/_build/doctrees docs/_build/source docs/_build/html
	$(PY) docs/links.py docs/_build/html

# What the site alone needs.
$(VENV)/docs: $(VENV)/installed
	$(PY) -m pip install -qq -e '.[docs]' -c constraints.txt
	@touch $@

# Asks every other site that a page links. The only target here that wants a network, and slow.
linkcheck: $(VENV)/docs
	$(PY) docs/staging.py
	$(PY) -m sphinx -b linkcheck -q -c docs -d docs/_build/doctrees docs/_build/source docs/_build/linkcheck
