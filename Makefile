# What a newcomer types. Every target installs what it needs, names it first, and says what it does.
# POSIX make; the work that needs more than a line stands in make/.

.POSIX:
.PHONY: help sandbox test check bench clean lock venv

PYTHON = python3
BIN = .venv/bin

help:
	@echo 'make sandbox  boot a throwaway real host, deploy to it, prove it, ring one alarm (root; 2 minutes, later half of one)'
	@echo 'make test     every test: units, properties, contracts, and real hosts where root can boot them'
	@echo 'make check    ruff, formatting, mypy'
	@echo 'make venv     only .venv; then `.venv/bin/mm-bot run` is a paper demo, without root'
	@echo 'make bench    measure against named alternatives; prints a table, writes bench.json'
	@echo 'make lock     resolve the dependencies anew into the two hashed locks (network)'
	@echo 'make clean    take the sandbox hosts down, remove .venv and everything that was generated'

sandbox: venv
	@make/need sandbox
	@make/sandbox

test: venv
	@make/need sandbox tests
	@make/test

check: venv
	@make/check

bench: venv
	@make/need sandbox
	$(BIN)/python -m tests.bench

venv:
	@PYTHON='$(PYTHON)' make/need python
	@PYTHON='$(PYTHON)' make/venv

lock:
	@PYTHON='$(PYTHON)' make/need python
	@PYTHON='$(PYTHON)' make/lock

clean:
	@make/clean
