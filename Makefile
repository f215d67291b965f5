# Each target runs one script of make/, which says what it does and skips what is done already.
# CONTRIBUTING.md has the same as plain commands.

.DEFAULT_GOAL := help
.PHONY: help lab test soak check docs pictures labextension pythons upstream image clean

help: ## these lines
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

lab: ## everything set up, and JupyterLab started (LAB_DIR=…, LAB_PORT=…, ARGS=…)
	@make/lab $(ARGS)

test: ## everything set up, and all tests run as an ordinary user (ARGS='options of pytest')
	@make/test $(ARGS)

soak: ## what loads and repeats: nightly, and before a release (ARGS='options of pytest')
	@make/soak $(ARGS)

check: ## lint, format, types
	@make/check

pythons: ## the package alone with every supported Python that is here
	@make/pythons

upstream: ## other projects' terminal and server tests, with the extension (ARGS=--all)
	@make/upstream-tests $(ARGS)

docs: ## what the docs tell of the agents, from the table in code and from the tests
	@make/docs

labextension: ## the labextension, built anew if its sources have changed
	@make/environment && make/labextension

pictures: ## the docs' pictures, as the tests of the page take them
	@make/pictures

image: ## the agent image, with all five agents
	@make/image

clean: ## remove what these made in the checkout
	@make/clean
