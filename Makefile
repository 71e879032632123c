# SPDX-License-Identifier: GPL-2.0
# Each target is one word and prints what it does. The directories have their
# own Makefiles; all output is below build/.

PROFILE ?= base
SECONDS ?= 60
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
KEXEC_BPF_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kexec-bpf
export KEXEC_BPF_CACHE

MAKEFLAGS += --no-print-directory
STEP = @scripts/step
OR_HINT = || { echo "on Debian, 'make deps' installs what this needs" >&2; exit 1; }

# These do with what is installed; any other one gets missing packages first, and
# may use the cache.
frugal := help bpf tools install lint clean
others := $(filter-out $(frugal),$(MAKECMDGOALS))

# make takes such a path for several.
$(foreach v,CURDIR PREFIX DESTDIR $(if $(others),KEXEC_BPF_CACHE),\
	$(if $(filter-out 0 1,$(words $(subst :, ,$($v)))),\
		$(error $v is '$($v)': a path here must have neither spaces nor colons)))

.PHONY: help deps kernel bpf tools images selftests demo check bench fuzz install series lint clean

help:
	@sed -n 's/^#: //p' Makefile

#: make demo                 boot a signed UKI through kexec_bpf_load, from nothing
#: make check                all tests; the last line has the count
#: make deps                 install the Debian packages that all this needs
#: make kernel PROFILE=base  build the patched kernel (base, debug, kcsan,
#:                           nobpf, vng)
#: make bpf                  compile the parsers
#: make tools                compile libkexecbpf and kexec-bpf
#: make selftests            compile the test programs
#: make bench                compare with kexec_file_load, over image sizes
#: make fuzz SECONDS=60      run each fuzz target for so long
#: make series              write the kernel change as it would be mailed, to build/series/
#: make lint                 checkpatch and shellcheck
#: make install PREFIX=DIR   install the tool, the parsers and the man pages, in DESTDIR
#:                           if that is given; needs compilers only, and no network
#: make clean                remove build/; the cache of kernel trees stays
#:
#: Kernel source, objects, keys and downloads are in $KEXEC_BPF_CACHE
#: (default: ${XDG_CACHE_HOME:-$HOME/.cache}/kexec-bpf).

deps:
	@scripts/deps

kernel: deps
	@kernel/build --profile $(PROFILE)

bpf tools: $(if $(others),deps)

bpf:
	$(STEP) "compile the parsers" $(MAKE) -C bpf $(OR_HINT)

tools:
	$(STEP) "compile libkexecbpf and kexec-bpf" $(MAKE) -C userspace $(OR_HINT)

selftests: tools bpf
	$(STEP) "compile the selftests" $(MAKE) -C selftests

demo: kernel tools bpf
	@selftests/demo/run

check: deps
	@selftests/run

bench: kernel tools bpf
	$(MAKE) -C selftests/bench

fuzz: deps
	$(MAKE) -C selftests/fuzz fuzz SECONDS=$(SECONDS)

# A relative path counts from here, not from the directories that install.
install: to = PREFIX=$(abspath $(PREFIX)) DESTDIR=$(abspath $(DESTDIR))
install: tools bpf
	$(STEP) "install the tool in $(PREFIX)" $(MAKE) -C userspace install $(to)
	$(STEP) "install the parsers in $(PREFIX)" $(MAKE) -C bpf install $(to)

series:
	@kernel/series build/series

lint:
	@scripts/lint

clean:
	$(STEP) "remove build/" rm -rf build
