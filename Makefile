# The commands of the README, one line each. `make demo` and `make test` need nothing but Swift:
# they install the Debian packages that are missing by themselves.

PREFIX ?= /usr/local
BUILD = Scripts/tidily swift build -c release --product onedrive
BINARY = $$(Scripts/tidily swift build -c release --show-bin-path)/onedrive
ARGS ?=

SEEDS ?= 10000

.PHONY: demo test exhaustive simulate bench install uninstall package deps format clean

demo: deps
	$(BUILD)
	@exec "$(BINARY)" start --demo --directory .demo $(ARGS)

test: deps
	Scripts/test

exhaustive: deps
	Scripts/exhaustive $(ARGS)

simulate: deps
	Scripts/simulate $(SEEDS)

bench: deps
	$(BUILD)
	Scripts/tidily swift build -c release --product planner-proof
	Scripts/tidily swift build -c release --product simulation
	Benchmarks/run "$(BINARY)" $(ARGS)

install: deps
	$(BUILD)
	Scripts/manual .build/manual
	Scripts/install "$(BINARY)" .build/manual "$(PREFIX)" "$(DESTDIR)"

uninstall:
	Scripts/install --remove "$(PREFIX)" "$(DESTDIR)"

package: deps
	Scripts/package

deps:
	@Scripts/dependencies

format:
	swift format -i -r Sources Tests Package.swift Benchmarks

clean:
	rm -rf .build .demo
