# What people and CI call. Everything is built and installed by `setup`, which is quick when warm.
.PHONY: setup test demo
setup:
	@scripts/setup

test: setup
	@scripts/test

demo: setup
	@scripts/demo
