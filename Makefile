# The commands of the README, one line each. `make demo` and `make test` need nothing but Swift:
# they install the Debian packages that are missing by themselves.

PREFIX ?= /usr/local
BUILD = Scripts/tidily swift build -c release --product onedrive
BINARY = $$(Scripts/tidily swift build -c release --show-bin-path)/onedrive
ARGS ?=

SEEDS ?= 10000

.PHONY: demo test exhaustive simulate bench install uninstall deps format clean

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
	Benchmarks/run "$(BINARY)" $(ARGS)

install: deps
	$(BUILD)
	install -D -m 755 "$(BINARY)" "$(DESTDIR)$(PREFIX)/bin/onedrive"
	install -D -m 644 Contrib/onedrive.service "$(DESTDIR)$(PREFIX)/lib/systemd/user/onedrive.service"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/onedrive" "$(DESTDIR)$(PREFIX)/lib/systemd/user/onedrive.service"

deps:
	@Scripts/dependencies

format:
	swift format -i -r Sources Tests Package.swift Benchmarks

clean:
	rm -rf .build .demo
