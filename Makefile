# What people and CI call. Everything is built and installed by `setup`, which is quick when warm.
.PHONY: setup test test-all demo
setup:
	@scripts/setup

test: setup
	@scripts/test

# Also every fault and every kind of cluster in labs: what CI runs.
test-all: setup
	@scripts/test --all

demo: setup
	@scripts/demo
